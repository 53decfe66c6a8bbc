import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FarHost, Running } from './case.ts';

const RING_BUFFER_MIB = 64;
/** No SDK exports here; long enough for a caller's Spanloom to promise on a machine that has no time for it. */
const LIVE_DECISION_WAIT = '5s';

export interface Recording extends Pick<Running, 'instrument' | 'otlp'>, Pick<FarHost, 'rendezvous'> {
  /** The file. */
  readonly record: string;
}

/** Where a Spanloom that meets others writes its spans. */
export function outputOf(directory: string, name: string): string {
  return join(directory, `${name}.jsonl`);
}

/** The configuration of a Spanloom that records, and correlates only where there is somebody to meet. JSON is YAML. */
export function writeConfig(
  directory: string,
  name: string,
  { instrument, otlp, record, rendezvous }: Recording,
): string {
  const endpoint = (port: number) => ({ endpoint: `127.0.0.1:${port}` });
  const file = join(directory, `${name}.yaml`);
  const config = {
    receivers: {
      ebpf: { instrument, record, ring_buffer_mib: RING_BUFFER_MIB },
      ...(otlp && { otlp: { protocols: { grpc: endpoint(otlp.grpc), http: endpoint(otlp.http) } } }),
    },
    ...(rendezvous && { processors: { correlate: { decision_wait: LIVE_DECISION_WAIT, rendezvous } } }),
    exporters: { nop: {}, ...(rendezvous && { file: { path: outputOf(directory, name) } }) },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: {
        traces: {
          receivers: otlp ? ['ebpf', 'otlp'] : ['ebpf'],
          processors: rendezvous ? ['correlate'] : [],
          exporters: [rendezvous ? 'file' : 'nop'],
        },
        ...(otlp && { metrics: { receivers: ['otlp'], exporters: ['nop'] } }),
      },
    },
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}
