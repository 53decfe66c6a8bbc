// Starts a capture and prints the code and the sentence of what stood in the way.
import { SystemClock } from '../../../src/collector/clock.js';
import { Counters } from '../../../src/collector/counters.js';
import { KernelCapture } from '../../../src/receiver/ebpf/capture/kernel.js';

const capture = new KernelCapture({ clock: new SystemClock(), counters: new Counters() });
try {
  await capture.start({ event() {}, process() {}, drained() {} });
  console.log('started');
  await capture.shutdown();
} catch (error) {
  const { code, message } = error;
  console.log(JSON.stringify({ code, message }));
}
