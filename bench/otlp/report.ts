import { number, spreadText, table } from '../common/page.ts';
import { quantile, spread } from '../common/statistics.ts';
import { type Case, RATE } from './cases.ts';
import type { Measurement } from './measure.ts';

/** What both collectors did with a case; the i-th measurements of both are of one round. */
export interface Result {
  readonly case: Case;
  readonly spanloom: readonly Measurement[];
  readonly upstream: readonly Measurement[];
}

const MIB = 2 ** 20;

/** Of the upstream Collector's spans per CPU-second. */
const PASS_AIM = 1.5;
const HOLD_AIM = 2;
/** Of the upstream Collector's memory. */
const HOLD_MEMORY_AIM = 0.5;

/** Spans a second of the collector's CPU time. */
export function spansPerCpuSecond({ delivered, acknowledged, cpuSeconds }: Measurement): number {
  // What was taken in and what was sent on differ by what the queue holds at both ends of the time measured.
  return (delivered + acknowledged) / 2 / cpuSeconds;
}

/** By how much Spanloom does more per CPU-second than the upstream Collector: the median of the rounds' ratios. */
export function advantage({ spanloom, upstream }: Result): number {
  return quantile(
    spanloom.map((one, i) => spansPerCpuSecond(one) / spansPerCpuSecond(upstream[i]!)),
    0.5,
  );
}

/** Spans sent that never came, or came in another form. */
export function missing(measurements: readonly Measurement[]): number {
  return measurements.reduce((sum, { sent, arrived }) => sum + Math.max(0, sent - arrived), 0);
}

export function resultTable(results: readonly Result[]): string {
  const rows = results.flatMap((result) =>
    (['spanloom', 'upstream'] as const).map((name) => row(result, name, result[name])),
  );
  return table(
    [
      '',
      'collector',
      'k spans/s',
      'k spans per CPU-second',
      'ratio',
      '% of a core',
      'p50 / p99 ms',
      'RSS MiB, median / peak',
      'missing',
    ],
    rows,
  );
}

function row(result: Result, name: 'spanloom' | 'upstream', measurements: readonly Measurement[]): string[] {
  const median = (value: (one: Measurement) => number) => quantile(measurements.map(value), 0.5);
  return [
    name === 'spanloom' ? caseText(result.case) : '',
    name === 'spanloom' ? 'Spanloom' : 'upstream',
    number(median((one) => one.delivered / one.seconds) / 1e3, 1),
    spreadText(spread(measurements.map((one) => spansPerCpuSecond(one) / 1e3)), 0),
    name === 'spanloom' ? number(advantage(result), 2) : '1',
    number(
      median((one) => (100 * one.cpuSeconds) / one.seconds),
      1,
    ),
    `${number(median((one) => one.p50Micros) / 1e3, 2)} / ${number(median((one) => one.p99Micros) / 1e3, 2)}`,
    `${number(median((one) => one.residentMedian) / MIB)} / ${number(Math.max(...measurements.map((one) => one.residentPeak)) / MIB)}`,
    lossText(measurements),
  ];
}

function lossText(measurements: readonly Measurement[]): string {
  const lost = missing(measurements);
  const refused = measurements.reduce((sum, one) => sum + one.refusedRequests, 0);
  const altered = measurements.some((one) => one.sent === one.arrived && !one.sameSpans);
  return [
    number(lost),
    ...(refused > 0 ? [`${number(refused)} requests refused`] : []),
    ...(altered ? ['other ids'] : []),
  ].join(', ');
}

export function caseText({ transport, spans, rate }: Case): string {
  const name = transport === 'grpc' ? 'gRPC' : 'HTTP';
  return `${name}, ${spans} a request, ${rate === 0 ? 'saturated' : `${number(rate)} spans/s`}`;
}

/** Each aim with what was reached. */
export function verdicts(results: readonly Result[]): string {
  const lines = results.flatMap((result) => {
    const { work, transport, spans, rate } = result.case;
    if (work === 'pass') {
      if (rate !== 0 || (transport === 'grpc' && spans < 100)) return [];
      return [
        aim(`pass-through, ${caseText(result.case)}: spans per CPU-second`, advantage(result), PASS_AIM),
      ];
    }
    if (spans !== 100) return [];
    const cpu = aim(
      `holding 10 s, ${caseText(result.case)}: spans per CPU-second`,
      advantage(result),
      HOLD_AIM,
    );
    if (rate !== RATE) return [cpu];
    const memory =
      quantile(
        result.spanloom.map((one) => one.residentMedian),
        0.5,
      ) /
      quantile(
        result.upstream.map((one) => one.residentMedian),
        0.5,
      );
    return [
      cpu,
      line(
        memory <= HOLD_MEMORY_AIM,
        `holding 10 s, ${caseText(result.case)}: ${number(memory, 2)} of the upstream Collector’s memory (aim: at most ${HOLD_MEMORY_AIM})`,
      ),
    ];
  });
  return lines.join('\n');
}

function aim(what: string, reached: number, atLeast: number): string {
  return line(
    reached >= atLeast,
    `${what} ${number(reached, 2)} × the upstream Collector’s (aim: at least ${atLeast} ×)`,
  );
}

function line(met: boolean, text: string): string {
  return `- ${met ? 'met' : '**not met**'}: ${text}`;
}
