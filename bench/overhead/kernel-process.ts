/**
 * Measures the BPF programs by the kernel's own statistics. A process of its own: they are counted, which costs something,
 * as long as it lives.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SystemClock } from '../../src/collector/clock.ts';
import { Counters } from '../../src/collector/counters.ts';
import { KernelCapture } from '../../src/receiver/ebpf/capture/kernel.ts';
import { loadNative } from '../../src/receiver/ebpf/capture/native.ts';
import { attachEmptyProgram } from './empty-program.ts';
import { type Direction, difference, type Phase, PROGRAMS_OF, type RunStats } from './kernel-cost.ts';

export type Request =
  | { readonly do: 'begin'; readonly select: number | undefined; readonly unselect: number | undefined }
  | { readonly do: 'end' };

const SETTLE_MS = 50;

loadNative().enableProgramStats();
const empty = attachEmptyProgram();
const messages: Record<Direction, number> = { receive: 0, send: 0 };
const capture = new KernelCapture({ clock: new SystemClock(), counters: new Counters() });
await capture.start({
  event: (event) => {
    if (event.type === 'message') messages[event.direction]++;
  },
  process: () => {},
  drained: () => {},
});

interface Reading {
  readonly programs: ReadonlyMap<string, RunStats>;
  readonly empty: RunStats;
  readonly messages: Readonly<Record<Direction, number>>;
}

function read(): Reading {
  const programs = new Map<string, RunStats>();
  for (const name of Object.values(PROGRAMS_OF).flat()) {
    const stats = capture.programStats(name);
    if (stats && stats.runCount > 0) programs.set(name, stats);
  }
  return { programs, empty: empty.object.programStats('empty'), messages: { ...messages } };
}

function since(before: Reading): Phase {
  const after = read();
  const zero = { runTimeNanos: 0, runCount: 0 };
  return {
    programs: Object.fromEntries(
      [...after.programs].map(([name, stats]) => [
        name,
        difference(stats, before.programs.get(name) ?? zero),
      ]),
    ),
    empty: difference(after.empty, before.empty),
    messages: {
      receive: after.messages.receive - before.messages.receive,
      send: after.messages.send - before.messages.send,
    },
  };
}

let begun: Reading | undefined;

process.on('message', (request: Request) => {
  void answer(request);
});

async function answer(request: Request): Promise<void> {
  if (request.do === 'begin') {
    if (request.select !== undefined) capture.select(request.select);
    if (request.unselect !== undefined) capture.unselect(request.unselect);
    await sleep(SETTLE_MS);
    begun = read();
    process.send!({});
    return;
  }
  await sleep(SETTLE_MS);
  process.send!(since(begun!));
}

process.send!({});
