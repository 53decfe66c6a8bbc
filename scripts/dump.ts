// Prints what the kernel side sees of some processes: npx tsx scripts/dump.ts [--record FILE] PID...
import { SystemClock } from '../src/collector/clock.ts';
import { Counters } from '../src/collector/counters.ts';
import { formatCapabilities } from '../src/receiver/ebpf/capture/capabilities.ts';
import { formatEvent } from '../src/receiver/ebpf/capture/dump.ts';
import { KernelCapture } from '../src/receiver/ebpf/capture/kernel.ts';
import { RecordingWriter } from '../src/receiver/ebpf/capture/recording.ts';

const args = process.argv.slice(2);
const file = args[0] === '--record' ? args.splice(0, 2)[1] : undefined;
const pids = args.map(Number);
if (pids.length === 0 || !pids.every((pid) => Number.isSafeInteger(pid) && pid > 0)) {
  console.error('usage: npx tsx scripts/dump.ts [--record FILE] PID...');
  process.exit(2);
}

const clock = new SystemClock();
const recorder =
  file === undefined
    ? undefined
    : new RecordingWriter({ file, clock, onError: (error) => console.error(error.message) });
const capture = new KernelCapture({ clock, counters: new Counters(), ...(recorder && { recorder }) });
for (const line of formatCapabilities(KernelCapture.probe())) console.error(line);
await capture.start({
  event: (event) => console.log(formatEvent(event)),
  process() {},
  drained() {},
});
for (const pid of pids) capture.select(pid);
console.error(`watching ${pids.join(', ')}; stop with Ctrl-C`);
process.once('SIGINT', async () => {
  await capture.shutdown();
  recorder?.close();
});
