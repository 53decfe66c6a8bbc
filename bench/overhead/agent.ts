/** Spanloom in a process of its own that starts and stops when asked to: a warm one, as one that has run for long. */
import { SystemClock } from '../../src/collector/clock.ts';
import type { ConfigMap } from '../../src/collector/config/merge.ts';
import { Counters } from '../../src/collector/counters.ts';
import { KernelCapture } from '../../src/receiver/ebpf/capture/kernel.ts';
import { tracesCollector } from '../common/collector.ts';
import type { Runs } from './variants.ts';

export type Request =
  | { readonly do: 'start'; readonly runs: Runs; readonly pids: readonly number[] }
  | { readonly do: 'stop' };

/** The answer to `stop`; that to `start` is empty. */
export interface Counts {
  /** Messages that arrived. */
  readonly messages: number;
  /** Records that found the ring full. */
  readonly lost: number;
}

let stop: () => Promise<Counts>;

process.on('message', (request: Request) => {
  handle(request).then(
    (counts) => process.send!(counts),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function handle(request: Request): Promise<Counts | Record<string, never>> {
  if (request.do === 'stop') return stop();
  const { runs, pids } = request;
  if (typeof runs === 'object' && 'processors' in runs) await startPipeline(runs, pids);
  else await startCapture(pids, typeof runs === 'object' ? runs.without : []);
  return {};
}

async function startPipeline(
  { processors, ebpf: settings = {} }: { readonly processors: ConfigMap; readonly ebpf?: ConfigMap },
  pids: readonly number[],
): Promise<void> {
  const ebpf = { ...settings, instrument: [{ target_pids: [...pids] }] };
  const collector = tracesCollector(ebpf, processors, { nop: null });
  await collector.start();
  stop = async () => {
    await collector.shutdown();
    const { counters } = collector;
    const messages = counters.counter('spanloom_ebpf_messages', { receiver: 'ebpf' }).value;
    return { messages, lost: lostRecords(counters) };
  };
}

async function startCapture(pids: readonly number[], without: readonly string[]): Promise<void> {
  const counters = new Counters();
  const capture = new KernelCapture({ clock: new SystemClock(), counters, discovery: true, without });
  let messages = 0;
  await capture.start({
    event: ({ type }) => {
      if (type === 'message') messages++;
    },
    process: () => {},
    drained: () => {},
  });
  for (const pid of pids) capture.select(pid);
  stop = async () => {
    await capture.shutdown();
    return { messages, lost: lostRecords(counters) };
  };
}

function lostRecords(counters: Counters): number {
  return counters.counter('spanloom_capture_lost_records').value;
}
