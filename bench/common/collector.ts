import { pino } from 'pino';
import { Collector } from '../../src/collector/collector.ts';
import type { ConfigMap } from '../../src/collector/config/merge.ts';
import { builtinFactories } from '../../src/components.ts';

/** A collector of one traces pipeline that starts with the `ebpf` receiver, and says nothing but what goes wrong. */
export function tracesCollector(ebpf: ConfigMap, processors: ConfigMap, exporters: ConfigMap): Collector {
  return new Collector({
    config: {
      object: {
        receivers: { ebpf },
        processors,
        exporters,
        service: {
          telemetry: { metrics: { level: 'none' } },
          pipelines: {
            traces: {
              receivers: ['ebpf'],
              processors: Object.keys(processors),
              exporters: Object.keys(exporters),
            },
          },
        },
      },
    },
    factories: builtinFactories,
    logger: pino({ level: 'warn' }, pino.destination(2)),
  });
}
