import { number, spreadText, table } from '../common/page.ts';
import { quantile, ratios, spread } from '../common/statistics.ts';
import { costOfMessage, type Phase, programCosts } from './kernel-cost.ts';
import type { Segment } from './segment.ts';
import { BASELINE, CAPTURE } from './variants.ts';

/** Segments by variant; the i-th of each variant are of one round. */
export type Measured = Map<string, Segment[]>;

export interface PhasePair {
  readonly idle: Phase;
  readonly capturing: Phase;
}

const MESSAGES_A_REQUEST = 2;
const THROUGHPUT_AIM = 0.95;
const KERNEL_AIM_NANOS = 350;

export function throughputTable(measured: Measured): string {
  const baseline = measured.get(BASELINE.name)!;
  const rows = [...measured].map(([name, segments]) => {
    const ratio = (value: (segment: Segment) => number) =>
      spread(ratios(segments.map(value), baseline.map(value)));
    const of = (value: (segment: Segment) => number) => spread(segments.map(value));
    const own = name === BASELINE.name;
    const total = (value: (segment: Segment) => number) => segments.reduce((sum, s) => sum + value(s), 0);
    return [
      name,
      number(of((s) => s.requestsPerSecond).median),
      own
        ? '1'
        : spreadText(
            ratio((s) => s.requestsPerSecond),
            3,
          ),
      `${number(of((s) => s.p50).median)} / ${number(of((s) => s.p99).median)}`,
      own ? '1 / 1' : `${number(ratio((s) => s.p50).median, 2)} / ${number(ratio((s) => s.p99).median, 2)}`,
      number(of((s) => s.nginxNanos / 1e3).median, 2),
      own ? '' : number(of((s) => s.agentNanos / 1e3).median, 2),
      own ? '' : number(of((s) => s.agentBytes / 2 ** 20).median),
      own ? '' : number(total((s) => s.messages)),
      own ? '' : number(total((s) => s.lost)),
      own ? '' : number(total(unaccounted)),
    ];
  });
  return table(
    [
      '',
      'requests/s',
      'ratio',
      'p50 / p99 µs',
      'ratio',
      'nginx CPU µs/request',
      'Spanloom CPU µs/request',
      'RSS MiB',
      'messages seen',
      'lost, counted',
      'missing, not counted',
    ],
    rows,
  );
}

/** Messages that are in no count. */
function unaccounted(segment: Segment): number {
  return MESSAGES_A_REQUEST * segment.served - segment.messages - segment.lost;
}

export function kernelTable(phases: readonly PhasePair[]): string {
  const rounds = phases.map(({ idle, capturing }) => programCosts(idle, capturing));
  const rows = rounds[0]!.map(({ program, direction }, i) => [
    `\`${program}\``,
    direction,
    number(
      quantile(
        rounds.map((costs) => costs[i]!.captured),
        0.5,
      ),
    ),
    number(
      quantile(
        rounds.map((costs) => costs[i]!.rejected),
        0.5,
      ),
    ),
  ]);
  const whole = spread(kernelNanos(phases));
  return `${table(['program', 'direction', 'ns a captured message', 'ns a run for others'], rows)}\n\nIn all ${spreadText(whole)} ns a captured message. The empty program read ${number(emptyNanos(phases))} ns, which is taken off.`;
}

/** What the kernel's statistics say of a program that does nothing. */
function emptyNanos(phases: readonly PhasePair[]): number {
  return quantile(
    phases.map(({ capturing: { empty } }) => empty.runTimeNanos / empty.runCount),
    0.5,
  );
}

function kernelNanos(phases: readonly PhasePair[]): number[] {
  return phases.map(({ idle, capturing }) =>
    costOfMessage(programCosts(idle, capturing), capturing.messages),
  );
}

export function verdicts(
  measured: Measured,
  kernel: readonly { readonly name: string; readonly phases: readonly PhasePair[] }[],
): string {
  const baseline = measured.get(BASELINE.name)!.map((segment) => segment.requestsPerSecond);
  const capture = measured.get(CAPTURE.name)!;
  const kept = spread(
    ratios(
      capture.map((segment) => segment.requestsPerSecond),
      baseline,
    ),
  ).median;
  const nanos = quantile(kernelNanos(kernel[0]!.phases), 0.5);
  const line = (met: boolean, text: string) => `- ${met ? 'met' : '**not met**'}: ${text}`;
  return [
    line(
      kept >= THROUGHPUT_AIM,
      `capture alone leaves nginx ${number(100 * kept, 1)} % of its throughput (aim: at least ${100 * THROUGHPUT_AIM} %)`,
    ),
    line(
      nanos <= KERNEL_AIM_NANOS,
      `the kernel side costs ${number(nanos)} ns a message (aim: at most ${KERNEL_AIM_NANOS} ns)`,
    ),
  ].join('\n');
}
