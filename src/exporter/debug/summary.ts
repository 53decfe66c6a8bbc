import type { Settings, Signal } from '../../collector/component.ts';
import type { Batch } from '../../otlp/batch.ts';
import { nestedFields } from '../wire-fields.ts';

const ENVELOPE: Readonly<Record<Signal, { title: string; resources: string; items: string }>> = {
  traces: { title: 'Traces', resources: 'resource spans', items: 'spans' },
  metrics: { title: 'Metrics', resources: 'resource metrics', items: 'data points' },
  logs: { title: 'Logs', resources: 'resource logs', items: 'log records' },
};

/** The line that announces a batch, in the form of the Collector's console log. */
export function summary({ id }: Settings, signal: Signal, batch: Batch): string {
  const { title, resources, items } = ENVELOPE[signal];
  let resourceCount = 0;
  let metricCount = 0;
  for (const resource of nestedFields(batch.encode(), 1)) {
    resourceCount++;
    if (signal === 'metrics')
      for (const scope of nestedFields(resource, 2)) for (const _ of nestedFields(scope, 2)) metricCount++;
  }
  const facts = {
    'otelcol.component.id': id,
    'otelcol.component.kind': 'exporter',
    'otelcol.signal': signal,
    [resources]: resourceCount,
    ...(signal === 'metrics' && { metrics: metricCount }),
    [items]: batch.itemCount,
  };
  const json = JSON.stringify(facts).replaceAll('":', '": ').replaceAll(',"', ', "');
  return `${new Date().toISOString()}\tinfo\t${title}\t${json}\n`;
}
