import { PermanentError, RetryableError, type SpanloomError } from '../../error.ts';
import { parseRpcStatus } from '../client/rpc-status.ts';
import type { GrpcOutcome, GrpcStatus } from './grpc-status.ts';

/** The OTLP specification's table of retryable codes; `RESOURCE_EXHAUSTED` is one only together with RetryInfo. */
const RETRYABLE: ReadonlySet<GrpcStatus> = new Set<GrpcStatus>([
  'CANCELLED',
  'DEADLINE_EXCEEDED',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

/** The error that tells the queue what to do about a call that did not end with `OK`. */
export function statusError({ status, message, details }: GrpcOutcome): SpanloomError {
  const text = `rpc error: code = ${status} desc = ${message}`;
  const retryAfterMs = details && parseRpcStatus(details)?.retryDelayMs;
  if (RETRYABLE.has(status) || (status === 'RESOURCE_EXHAUSTED' && retryAfterMs !== undefined))
    return new RetryableError('SPANLOOM_EXPORT_FAILED', text, retryAfterMs);
  return new PermanentError('SPANLOOM_EXPORT_REJECTED', text);
}
