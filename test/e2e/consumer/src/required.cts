/** CommonJS: prints what `require` gives, and which libraries it brought into the process. */
import spanloom = require('spanloom');

const collector: spanloom.Collector = spanloom.createCollector({
  config: {
    receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
    exporters: { nop: null },
    service: {
      telemetry: { logs: { level: 'error' } },
      pipelines: { traces: { receivers: ['otlp'], exporters: ['nop'] } },
    },
  },
});

async function main(): Promise<void> {
  await collector.start();
  const { sharedObjects } = process.report.getReport() as { sharedObjects: string[] };
  await collector.shutdown();
  const addons = sharedObjects.filter((path) => path.endsWith('.node'));
  console.log(JSON.stringify({ exports: Object.keys(spanloom), state: collector.state, addons }));
}

void main();
