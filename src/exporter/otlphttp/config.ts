import { z } from 'zod';
import { duration } from '../../collector/config/duration.ts';
import { httpCompression } from '../client/compression.ts';
import { headers } from '../client/headers.ts';
import { clientTls } from '../client/tls.ts';
import { retryOnFailure, sendingQueue } from '../queue/config.ts';

const url = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' });

/** `otlp_http`, keys and defaults of the Collector. */
export const otlpHttpConfig = z
  .strictObject({
    /** Base URL: `/v1/traces` and so on are appended. */
    endpoint: url.optional(),
    /** Used as they are. */
    traces_endpoint: url.optional(),
    metrics_endpoint: url.optional(),
    logs_endpoint: url.optional(),
    encoding: z.enum(['proto', 'json']).default('proto'),
    tls: clientTls,
    compression: httpCompression,
    compression_params: z.strictObject({ level: z.int().min(-1).max(9).optional() }).prefault({}),
    headers,
    /** Of one attempt, in nanoseconds; zero: none. */
    timeout: duration('30s'),
    sending_queue: sendingQueue,
    retry_on_failure: retryOnFailure,
  })
  .refine(
    (config) => config.endpoint ?? config.traces_endpoint ?? config.metrics_endpoint ?? config.logs_endpoint,
    'at least one endpoint must be specified',
  );

export type OtlpHttpConfig = z.infer<typeof otlpHttpConfig>;
