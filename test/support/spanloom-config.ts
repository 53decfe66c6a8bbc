import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestPipeline {
  /** The `ebpf` receiver's section. */
  readonly ebpf: Readonly<Record<string, unknown>>;
  /** Ports for the `otlp` receiver; without them there is none. */
  readonly otlp?: { readonly grpc: number; readonly http: number };
  /** The `correlate` processor's section; without it there is none. */
  readonly correlate?: Readonly<Record<string, unknown>>;
  /** Where spans go, as OTLP JSON lines. */
  readonly output: string;
  /** Sections of further exporters that get the same spans. */
  readonly exporters?: Readonly<Record<string, unknown>>;
}

/** Writes a configuration of one traces pipeline into `directory` (JSON is YAML) and returns the file's name. */
export function writeConfig(directory: string, name: string, pipeline: TestPipeline): string {
  const { ebpf, otlp, correlate, output, exporters = {} } = pipeline;
  const endpoint = (port: number) => ({ endpoint: `127.0.0.1:${port}` });
  const file = join(directory, `${name}.yaml`);
  writeFileSync(
    file,
    JSON.stringify({
      receivers: {
        ebpf,
        ...(otlp && { otlp: { protocols: { grpc: endpoint(otlp.grpc), http: endpoint(otlp.http) } } }),
      },
      ...(correlate && { processors: { correlate } }),
      exporters: { ...exporters, file: { path: output }, nop: {} },
      service: {
        // Tests run side by side, and the port of the metrics is one.
        telemetry: { metrics: { level: 'none' } },
        pipelines: {
          traces: {
            receivers: otlp ? ['ebpf', 'otlp'] : ['ebpf'],
            processors: correlate ? ['correlate'] : [],
            exporters: ['file', ...Object.keys(exporters)],
          },
          // SDKs send metrics by default and complain where nobody takes them.
          ...(otlp && { metrics: { receivers: ['otlp'], exporters: ['nop'] } }),
        },
      },
    }),
  );
  return file;
}
