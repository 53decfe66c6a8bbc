/** Prints what an `ebpf` receiver says about the addon and the BPF object of the installed package. */
import { createCollector, SpanloomError } from 'spanloom';

const collector = createCollector({
  config: {
    receivers: { ebpf: { instrument: [{ open_ports: '1' }] } },
    exporters: { nop: null },
    service: {
      telemetry: { logs: { level: 'error' } },
      pipelines: { traces: { receivers: ['ebpf'], exporters: ['nop'] } },
    },
  },
});
let outcome = 'started';
try {
  await collector.start();
} catch (error) {
  outcome = error instanceof SpanloomError ? error.code : String(error);
}
const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
const addons = sharedObjects.filter((path) => path.endsWith('.node'));
await collector.shutdown();
console.log(JSON.stringify({ outcome, addons }));
