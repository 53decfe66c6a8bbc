import { validateHeaderName, validateHeaderValue } from 'node:http';
import { z } from 'zod';
import { duration } from '../../collector/config/duration.ts';
import { endpoint } from '../../collector/config/endpoint.ts';
import { serverTls } from '../../collector/server-tls.ts';

const bytes = z.int().min(0);

/** A section that is off while its key is missing and has its defaults where the key stands alone. */
function section<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (value === null ? {} : value), schema.optional());
}

const keepalive = section(
  z.strictObject({
    server_parameters: section(
      z.strictObject({
        max_connection_idle: duration('0s'),
        max_connection_age: duration('0s'),
        max_connection_age_grace: duration('0s'),
        time: duration('2h'),
        timeout: duration('20s'),
      }),
    ),
    enforcement_policy: section(
      z.strictObject({ min_time: duration('5m'), permit_without_stream: z.boolean().default(false) }),
    ),
  }),
);

const grpc = z.strictObject({
  endpoint: endpoint('localhost:4317'),
  transport: z.literal('tcp').default('tcp'),
  tls: serverTls,
  /** 0 stands for 4 MiB. */
  max_recv_msg_size_mib: z.int().min(0).default(0),
  /** 0 stands for no limit. */
  max_concurrent_streams: z.int().min(0).max(0xffff_ffff).default(0),
  /** Sizes of buffers Node does not have: accepted, and of no effect. */
  read_buffer_size: bytes.default(512 * 1024),
  write_buffer_size: bytes.default(0),
  keepalive,
  include_metadata: z.boolean().default(false),
});

const compressionAlgorithm = z.enum([
  '',
  'gzip',
  'zstd',
  'zlib',
  'snappy',
  'deflate',
  'lz4',
  'x-snappy-framed',
]);

const responseHeaders = z
  .record(z.string(), z.string())
  .default({})
  .superRefine((headers, context) => {
    for (const [name, value] of Object.entries(headers))
      try {
        validateHeaderName(name);
        validateHeaderValue(name, value);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message, path: [name] });
      }
  });

const http = z.strictObject({
  endpoint: endpoint('localhost:4318'),
  transport: z.literal('tcp').default('tcp'),
  tls: serverTls,
  cors: section(
    z.strictObject({
      allowed_origins: z.array(z.string()).default([]),
      allowed_headers: z.array(z.string()).default([]),
      exposed_headers: z.array(z.string()).default([]),
      max_age: z.int().min(0).default(0),
    }),
  ),
  /** 0 stands for 20 MiB. */
  max_request_body_size: bytes.default(20 * 1024 * 1024),
  compression_algorithms: z
    .array(compressionAlgorithm)
    .default(['', 'gzip', 'zstd', 'zlib', 'snappy', 'deflate', 'lz4', 'x-snappy-framed']),
  include_metadata: z.boolean().default(false),
  response_headers: responseHeaders,
  read_timeout: duration('0s'),
  read_header_timeout: duration('0s'),
  write_timeout: duration('0s'),
  idle_timeout: duration('0s'),
  keep_alives_enabled: z.boolean().default(true),
  traces_url_path: z.string().default('/v1/traces'),
  metrics_url_path: z.string().default('/v1/metrics'),
  logs_url_path: z.string().default('/v1/logs'),
});

/** `receivers: otlp:`, with the Collector's keys and defaults. */
export const otlpReceiverConfig = z
  .strictObject({
    protocols: section(z.strictObject({ grpc: section(grpc), http: section(http) })),
  })
  .superRefine(({ protocols }, context) => {
    if (!protocols?.grpc && !protocols?.http)
      context.addIssue({
        code: 'custom',
        message: 'must specify at least one protocol when using the OTLP receiver',
      });
  });

export type OtlpReceiverConfig = z.infer<typeof otlpReceiverConfig>;
export type GrpcConfig = z.infer<typeof grpc>;
export type HttpConfig = z.infer<typeof http>;
