import { describe, expect, it } from 'vitest';
import { metricsConfig, prometheusReaders } from '../../../src/collector/telemetry/config.ts';

const readers = (config: unknown) => prometheusReaders(metricsConfig.parse(config));

describe('the readers of service::telemetry::metrics', () => {
  it('are one for Prometheus on localhost:8888 by default, with names and labels as of the Collector', () => {
    for (const config of [{}, { level: 'detailed' }])
      expect(readers(config)).toEqual([
        {
          host: 'localhost',
          port: 8888,
          typeSuffix: false,
          unitSuffix: false,
          targetInfo: true,
          resourceLabels: { included: [], excluded: [] },
        },
      ]);
  });

  it('are those that pull; others are passed over', () => {
    const pull = { exporter: { prometheus: { host: '::1', port: 9464, without_units: true } } };
    expect(readers({ readers: [{ periodic: { exporter: {} } }, { pull }] })).toEqual([
      {
        host: '::1',
        port: 9464,
        typeSuffix: true,
        unitSuffix: false,
        targetInfo: true,
        resourceLabels: undefined,
      },
    ]);
  });

  it('are none at level none', () => {
    expect(readers({ level: 'none' })).toEqual([]);
    expect(readers({ level: 'none', readers: [] })).toEqual([]);
  });
});
