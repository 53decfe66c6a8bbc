import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const OVERLAPS = ['enrich', 'nest'] as const;
export const TRACE_CONFLICTS = ['rewrite', 'link'] as const;

export type Way = `${(typeof OVERLAPS)[number]}, ${(typeof TRACE_CONFLICTS)[number]}`;

export const WAYS = OVERLAPS.flatMap((overlap) =>
  TRACE_CONFLICTS.map((conflict): Way => `${overlap}, ${conflict}`),
);

export interface FourWays {
  readonly configFile: string;
  /** Where each way of merging writes what it makes of the same input. */
  readonly outputs: Readonly<Record<Way, string>>;
}

/** A configuration whose pipelines merge the same exchanges and spans in every way there is. */
export function writeFourWays(
  directory: string,
  ebpf: Readonly<Record<string, unknown>>,
  ports: { readonly grpc: number; readonly http: number },
): FourWays {
  const receivers = ['ebpf', 'otlp'];
  const processors: Record<string, unknown> = {};
  const exporters: Record<string, unknown> = { nop: {} };
  // SDKs send metrics by default and complain where nobody takes them.
  const pipelines: Record<string, unknown> = { metrics: { receivers: ['otlp'], exporters: ['nop'] } };
  const outputs = {} as Record<Way, string>;
  for (const way of WAYS) {
    const [overlap, traceConflict] = way.split(', ') as [string, string];
    const name = `${overlap}_${traceConflict}`;
    outputs[way] = join(directory, `${name}.jsonl`);
    processors[`correlate/${name}`] = { overlap, trace_conflict: traceConflict };
    exporters[`file/${name}`] = { path: outputs[way] };
    pipelines[`traces/${name}`] = {
      receivers,
      processors: [`correlate/${name}`],
      exporters: [`file/${name}`],
    };
  }
  const configFile = join(directory, 'four-ways.yaml');
  const endpoint = (port: number) => ({ endpoint: `127.0.0.1:${port}` });
  writeFileSync(
    configFile,
    JSON.stringify({
      receivers: { ebpf, otlp: { protocols: { grpc: endpoint(ports.grpc), http: endpoint(ports.http) } } },
      processors,
      exporters,
      // Tests run side by side, and the port of the metrics is one.
      service: { telemetry: { metrics: { level: 'none' } }, pipelines },
    }),
  );
  return { configFile, outputs };
}
