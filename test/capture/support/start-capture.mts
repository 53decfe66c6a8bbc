// Starts a capture and prints the code and the sentence of what stood in the way.
import { SystemClock } from '../../../src/collector/clock.ts';
import { Counters } from '../../../src/collector/counters.ts';
import type { SpanloomError } from '../../../src/error.ts';
import { KernelCapture } from '../../../src/receiver/ebpf/capture/kernel.ts';

const capture = new KernelCapture({ clock: new SystemClock(), counters: new Counters() });
try {
  await capture.start({ event() {}, process() {}, drained() {} });
  console.log('started');
  await capture.shutdown();
} catch (error) {
  const { code, message } = error as SpanloomError;
  console.log(JSON.stringify({ code, message }));
}
