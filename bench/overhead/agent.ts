/** Spanloom in a process of its own that starts and stops when asked to: a warm one, as one that has run for long. */
import { SystemClock } from '../../src/collector/clock.ts';
import type { ConfigMap } from '../../src/collector/config/merge.ts';
import { Counters } from '../../src/collector/counters.ts';
import { KernelCapture } from '../../src/receiver/ebpf/capture/kernel.ts';
import { tracesCollector } from '../common/collector.ts';
import type { Variant } from './variants.ts';

export type Request =
  | { readonly do: 'start'; readonly runs: Variant['runs']; readonly pid: number }
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
  const { runs, pid } = request;
  if (typeof runs === 'object') await startPipeline(runs.processors, pid);
  else await startCapture(pid);
  return {};
}

async function startPipeline(processors: ConfigMap, pid: number): Promise<void> {
  const ebpf = { instrument: [{ target_pids: [pid] }] };
  const collector = tracesCollector(ebpf, processors, { nop: null });
  await collector.start();
  stop = async () => {
    await collector.shutdown();
    const { counters } = collector;
    const messages = counters.counter('spanloom_ebpf_messages', { receiver: 'ebpf' }).value;
    return { messages, lost: lostRecords(counters) };
  };
}

async function startCapture(pid: number): Promise<void> {
  const counters = new Counters();
  const capture = new KernelCapture({ clock: new SystemClock(), counters, discovery: true });
  let messages = 0;
  await capture.start({
    event: ({ type }) => {
      if (type === 'message') messages++;
    },
    process: () => {},
    drained: () => {},
  });
  capture.select(pid);
  stop = async () => {
    await capture.shutdown();
    return { messages, lost: lostRecords(counters) };
  };
}

function lostRecords(counters: Counters): number {
  return counters.counter('spanloom_capture_lost_records').value;
}
