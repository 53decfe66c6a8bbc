import { z } from 'zod';
import { endpoint } from '../../collector/config/endpoint.ts';

export const healthCheckConfig = z.strictObject({
  endpoint: endpoint('localhost:13133'),
  path: z.string().startsWith('/').default('/'),
});

export type HealthCheckConfig = z.output<typeof healthCheckConfig>;
