import { z } from 'zod';
import { endpoint } from '../../collector/config/endpoint.ts';
import { serverTls } from '../../collector/server-tls.ts';

export const healthCheckConfig = z.strictObject({
  endpoint: endpoint('localhost:13133'),
  path: z.string().startsWith('/').default('/'),
  tls: serverTls,
  /** Answered as they are instead of the JSON. */
  response_body: z
    .strictObject({ healthy: z.string().default(''), unhealthy: z.string().default('') })
    .nullish()
    .transform((body) => body ?? undefined),
  /** The Collector never evaluated it rightly and ignores it; configurations still have it. */
  check_collector_pipeline: z.unknown().optional(),
});

export type HealthCheckConfig = z.output<typeof healthCheckConfig>;
