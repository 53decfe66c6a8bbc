import { z } from 'zod';
import { duration } from '../../collector/config/duration.ts';
import { grpcCompression } from '../client/compression.ts';
import { headers } from '../client/headers.ts';
import { clientTls } from '../client/tls.ts';
import { retryOnFailure, sendingQueue } from '../queue/config.ts';
import { parseTarget, type Target } from './target.ts';

const endpoint = z
  .string({ error: 'requires a non-empty "endpoint"' })
  .min(1, { error: 'requires a non-empty "endpoint"', abort: true })
  .transform((text, context): Target => {
    try {
      return parseTarget(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

const keepalive = z.strictObject({
  /** A ping after this long; nanoseconds. */
  time: duration('10s'),
  /** The connection counts as dead when a ping is not answered within this time. */
  timeout: duration('10s'),
  /** Ping also when no request is under way. */
  permit_without_stream: z.boolean().default(false),
});

/** `otlp_grpc`, keys and defaults of the Collector. */
export const otlpGrpcConfig = z.strictObject({
  endpoint,
  tls: clientTls,
  compression: grpcCompression,
  headers,
  /** Of one attempt, in nanoseconds; zero: none. */
  timeout: duration('5s'),
  keepalive: keepalive.nullish().transform((value) => value ?? undefined),
  /** Wait for a connection until the timeout instead of failing while the backend is away. */
  wait_for_ready: z.boolean().default(false),
  /** Sent as `:authority` instead of the endpoint. */
  authority: z.string().default(''),
  user_agent: z.string().default(''),
  sending_queue: sendingQueue,
  retry_on_failure: retryOnFailure,
});

export type OtlpGrpcConfig = z.infer<typeof otlpGrpcConfig>;
