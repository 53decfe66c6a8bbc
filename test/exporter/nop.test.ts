import { describe, expect, it } from 'vitest';
import { nopExporter } from '../../src/exporter/nop/factory.ts';

describe('nop exporter', () => {
  it('accepts every signal and takes no configuration', async () => {
    nopExporter.config.parse({});
    expect(() => nopExporter.config.parse({ path: 'x' })).toThrow();
    for (const create of [nopExporter.createTraces, nopExporter.createMetrics, nopExporter.createLogs]) {
      const exporter = create();
      await exporter.start();
      await exporter.consumeTraces();
      await exporter.consumeMetrics();
      await exporter.consumeLogs();
      await exporter.shutdown();
    }
  });
});
