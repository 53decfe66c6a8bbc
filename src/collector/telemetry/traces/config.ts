import { z } from 'zod';

const nameValue = z.strictObject({ name: z.string(), value: z.string() });

/** A list of names and values in the declarative schema, a map in its older versions. */
const headers = z
  .union([z.array(nameValue), z.record(z.string(), z.string())])
  .transform((given) =>
    Array.isArray(given) ? Object.fromEntries(given.map(({ name, value }) => [name, value])) : given,
  )
  .prefault({});

const common = {
  endpoint: z.string({ error: 'requires a non-empty "endpoint"' }).min(1, 'requires a non-empty "endpoint"'),
  headers,
  compression: z.enum(['gzip', 'none']).prefault('none'),
  /** Milliseconds. */
  timeout: z.int().positive().prefault(10_000),
};

/** The exporter of schema 0.3, the one that the Collector's documentation shows. */
const otlp = z.strictObject({
  ...common,
  protocol: z.enum(['grpc', 'http/protobuf', 'http/json'], {
    error: 'requires a "protocol": "grpc", "http/protobuf" or "http/json"',
  }),
  insecure: z.boolean().nullish(),
  certificate: z.string().nullish(),
  client_certificate: z.string().nullish(),
  client_key: z.string().nullish(),
});

const tls = {
  ca_file: z.string().nullish(),
  cert_file: z.string().nullish(),
  key_file: z.string().nullish(),
};

/** The two exporters of schema 1.0. */
const otlpHttp = z.strictObject({
  ...common,
  encoding: z.enum(['protobuf', 'json']).prefault('protobuf'),
  tls: z.strictObject(tls).nullish(),
});
const otlpGrpc = z.strictObject({
  ...common,
  tls: z.strictObject({ ...tls, insecure: z.boolean().nullish() }).nullish(),
});

const exporter = z
  .strictObject({
    otlp: otlp.optional(),
    otlp_http: otlpHttp.optional(),
    otlp_grpc: otlpGrpc.optional(),
    console: z.object({}).nullish(),
  })
  .refine(
    (config) => Object.values(config).filter((value) => value !== undefined).length === 1,
    'needs one exporter: otlp, otlp_http, otlp_grpc or console',
  );

/** Times in milliseconds, defaults of the SDK. */
const batch = z.strictObject({
  schedule_delay: z.int().nonnegative().optional(),
  export_timeout: z.int().nonnegative().optional(),
  max_queue_size: z.int().positive().optional(),
  max_export_batch_size: z.int().positive().optional(),
  exporter,
});

const processor = z
  .strictObject({ batch: batch.optional(), simple: z.strictObject({ exporter }).optional() })
  .refine(
    (config) => Boolean(config.batch) !== Boolean(config.simple),
    'a processor is either batch or simple',
  );

const ratio = z.number().min(0).max(1).prefault(1);
const empty = z.object({}).nullish();

/** Parents do not matter: the collector's own spans are roots. */
const rootSampler = z.strictObject({
  always_on: empty,
  always_off: empty,
  trace_id_ratio_based: z.strictObject({ ratio }).nullish(),
});
const sampler = rootSampler.extend({ parent_based: z.object({ root: rootSampler.optional() }).nullish() });

/** `service::telemetry::traces`, the OpenTelemetry declarative configuration's schema of a tracer provider. */
export const tracesConfig = z.strictObject({
  level: z
    .string()
    .transform((level) => level.toLowerCase())
    .pipe(z.enum(['none', 'basic', 'normal', 'detailed']))
    .prefault('basic'),
  processors: z.array(processor).prefault([]),
  sampler: sampler.optional(),
  /** The collector's own spans are roots, and it sends no context on. */
  propagators: z.unknown().optional(),
  limits: z.unknown().optional(),
});

export type TracesConfig = z.output<typeof tracesConfig>;
export type ProcessorConfig = TracesConfig['processors'][number];
export type ExporterConfig = z.output<typeof exporter>;
export type SamplerConfig = z.output<typeof rootSampler>;

/** Whether anything is to be traced. */
export function asksForTraces({ level, processors }: TracesConfig): boolean {
  return level !== 'none' && processors.length > 0;
}

/** What is set in this section and has no effect, as paths. */
export function unusedTraces({ propagators, limits }: TracesConfig): string[] {
  const unused = { 'traces::propagators': propagators !== undefined, 'traces::limits': limits !== undefined };
  return Object.entries(unused).flatMap(([path, set]) => (set ? [path] : []));
}

/** Undefined: everything is sampled. */
export function samplerOf({ sampler }: TracesConfig): SamplerConfig | undefined {
  return sampler?.parent_based ? sampler.parent_based.root : sampler;
}
