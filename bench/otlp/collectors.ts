import type { ConfigMap } from '../../src/collector/config/merge.ts';
import { inRepository } from '../common/repository.ts';
import { CLI, spanloomFlags } from '../common/spanloom-flags.ts';
import { type Case, HOLD_SECONDS, type TransportName, type Work } from './cases.ts';

export interface CollectorProgram {
  readonly name: 'spanloom' | 'upstream';
  readonly command: string;
  readonly args: readonly string[];
  /** What stands between receiver and exporter. */
  readonly processors: Readonly<Record<Work, ConfigMap>>;
}

/** Room for all traces of ten seconds at any rate: what finds none is decided early by `tail_sampling`. */
const MANY_TRACES = 1_000_000;

export const SPANLOOM: CollectorProgram = {
  name: 'spanloom',
  command: process.execPath,
  args: [...spanloomFlags(), CLI],
  processors: { pass: {}, hold: { correlate: { decision_wait: `${HOLD_SECONDS}s` } } },
};

export const UPSTREAM: CollectorProgram = {
  name: 'upstream',
  command: inRepository('.cache/peers/otelcol'),
  args: [],
  processors: {
    pass: {},
    hold: {
      tail_sampling: {
        decision_wait: `${HOLD_SECONDS}s`,
        num_traces: MANY_TRACES,
        policies: [{ name: 'all', type: 'always_sample' }],
      },
      batch: {},
    },
  },
};

/** One configuration for both programs, but for the processors. */
export function configuration(
  { processors }: CollectorProgram,
  { work, transport }: Case,
  receiverPort: number,
  sinkPort: number,
): ConfigMap {
  const stages = processors[work];
  const exporter = EXPORTERS[transport];
  return {
    receivers: { otlp: { protocols: { [transport]: { endpoint: `127.0.0.1:${receiverPort}` } } } },
    processors: stages,
    exporters: { [exporter.type]: exporter.config(sinkPort) },
    service: {
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
      pipelines: {
        traces: { receivers: ['otlp'], processors: Object.keys(stages), exporters: [exporter.type] },
      },
    },
  };
}

/** The queue holds back what comes faster than it leaves, instead of refusing it or gathering it in memory. */
const COMMON = { compression: 'none', sending_queue: { queue_size: 100, block_on_overflow: true } };

const EXPORTERS: Record<TransportName, { type: string; config(port: number): ConfigMap }> = {
  grpc: {
    type: 'otlp_grpc',
    config: (port) => ({ endpoint: `127.0.0.1:${port}`, tls: { insecure: true }, ...COMMON }),
  },
  http: { type: 'otlp_http', config: (port) => ({ endpoint: `http://127.0.0.1:${port}`, ...COMMON }) },
};
