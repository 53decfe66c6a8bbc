/**
 * What each kind of evidence costs the traced program. By hand, with the number of rounds:
 *
 *     bench/run.sh overhead/evidence 2
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Evidence } from '../../src/correlate/link/rule.ts';
import { Child } from '../common/child.ts';
import { number, spreadText, table } from '../common/page.ts';
import { cpuNanosOfAll } from '../common/process-stat.ts';
import { ratios, shuffled, spread } from '../common/statistics.ts';
import { requestLabel, warmUpLabel } from '../links/label.ts';
import { CACHE, makePlace } from '../links/place.ts';
import { CASES } from '../links/registry.ts';
import { missingNeed } from '../links/run-cell.ts';
import type { Agent } from './segment.ts';
import type { Runs } from './variants.ts';

interface Row {
  readonly evidence: Evidence;
  /** A case of `bench:links` in which it speaks. */
  readonly linkCase: string;
  readonly by: string;
  readonly without: Runs;
  readonly with: Runs;
}

const pipeline = (uprobes: boolean): Runs => ({ processors: {}, ebpf: { uprobes } });

const ROWS: readonly Row[] = [
  {
    evidence: 'goroutine',
    linkCase: 'go-fan-out',
    by: 'uprobes in Go, registers read at each call',
    without: pipeline(false),
    with: pipeline(true),
  },
  {
    evidence: 'asyncio',
    linkCase: 'asyncio',
    by: 'uprobe in CPython, the thread’s state read at each call',
    without: pipeline(false),
    with: pipeline(true),
  },
  {
    evidence: 'completion_wake',
    linkCase: 'cpp-submit',
    by: '`sched_waking`',
    without: { without: ['sched_waking'] },
    with: 'kernel_capture',
  },
  {
    evidence: 'thread',
    linkCase: 'cpp-sub-threads',
    by: 'starts of threads (`sched_process_fork`)',
    without: { without: ['sched_process_fork'] },
    with: 'kernel_capture',
  },
];

const CONCURRENCY = 10;
const REQUESTS = 5000;
const WARM_UP = 200;
const SETTLE_MS = 500;
const WAYS = ['nothing', 'without', 'with'] as const;
type Way = (typeof WAYS)[number];

interface Sample {
  /** CPU time of the traced program for a request, nanoseconds. */
  readonly nanos: number;
  readonly requestsPerSecond: number;
}

export interface EvidenceCost {
  readonly row: Row;
  /** Why it could not be measured. */
  readonly missing: string | undefined;
  /** The i-th of each way are of one round. */
  readonly samples: Readonly<Record<Way, Sample[]>>;
}

export async function measureEvidence(rounds: number): Promise<EvidenceCost[]> {
  const costs: EvidenceCost[] = [];
  for (const row of ROWS) costs.push(await measureRow(row, rounds));
  return costs;
}

async function measureRow(row: Row, rounds: number): Promise<EvidenceCost> {
  const samples: Record<Way, Sample[]> = { nothing: [], without: [], with: [] };
  const linkCase = CASES.find(({ name }) => name === row.linkCase)!;
  const missing = missingNeed(linkCase);
  if (missing !== undefined) return { row, missing, samples };
  await linkCase.prepare?.(CACHE);
  const place = makePlace({ targets: 'equal' }, CONCURRENCY);
  const agent: Agent = new Child(new URL('agent.js', import.meta.url));
  try {
    const { instrument, load } = await linkCase.start(place);
    const pids = instrument.flatMap(({ target_pids }) => target_pids as number[]);
    const signal = new AbortController().signal;
    const send = (count: number, label: (n: number) => string) =>
      load({
        requests: Array.from({ length: count }, (_, i) => ({ label: label(i + 1), path: '/item/0' })),
        concurrency: CONCURRENCY,
        signal,
      });
    const cpu = () => pids.reduce((sum, pid) => sum + cpuNanosOfAll(pid), 0);
    await send(WARM_UP, warmUpLabel);
    for (let round = 0; round < rounds; round++)
      for (const way of shuffled(WAYS)) {
        if (way !== 'nothing') await agent.ask({ do: 'start', runs: row[way], pids });
        await sleep(SETTLE_MS);
        const before = { cpu: cpu(), time: performance.now() };
        await send(REQUESTS, requestLabel);
        const seconds = (performance.now() - before.time) / 1000;
        samples[way].push({ nanos: (cpu() - before.cpu) / REQUESTS, requestsPerSecond: REQUESTS / seconds });
        if (way !== 'nothing') await agent.ask({ do: 'stop' });
      }
  } finally {
    agent.stop();
    await place.stop();
  }
  return { row, missing, samples };
}

export function evidenceSection(costs: readonly EvidenceCost[], rounds: number): string[] {
  return [
    '## Kinds of evidence',
    'What a kind of evidence costs the traced program: cases of `bench:links` in which it speaks, with ' +
      `${CONCURRENCY} requests at a time. ${rounds} rounds of ${number(REQUESTS)} requests without Spanloom, with a capture that lacks what this ` +
      'evidence needs and with one that has it, in random order within a round; ratios are within a round. An interval around 1 says ' +
      'that no difference was found.',
    table(
      [
        'evidence',
        'by',
        'case',
        'CPU µs/request: no capture',
        'without it',
        'with it',
        'CPU, with : without',
        'requests/s, with : without',
      ],
      costs.map(evidenceRow),
    ),
  ];
}

function evidenceRow({ row, missing, samples }: EvidenceCost): string[] {
  const head = [`\`${row.evidence}\``, row.by, `\`${row.linkCase}\``];
  if (missing !== undefined) return [...head, `not measured: ${missing}`, '', '', '', ''];
  const micros = (way: Way) => number(spread(samples[way].map(({ nanos }) => nanos / 1000)).median);
  const ratio = (value: (sample: Sample) => number) =>
    spreadText(spread(ratios(samples.with.map(value), samples.without.map(value))), 3);
  return [
    ...head,
    micros('nothing'),
    micros('without'),
    micros('with'),
    ratio(({ nanos }) => nanos),
    ratio(({ requestsPerSecond }) => requestsPerSecond),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rounds = Number(process.argv[2] ?? 2);
  console.log(evidenceSection(await measureEvidence(rounds), rounds).join('\n\n'));
}
