import { PermanentError, RetryableError, type SpanloomError } from '../error.ts';
import { GRPC_STATUS } from '../exporter/otlp/grpc-status.ts';
import { statusError } from '../exporter/otlp/status-error.ts';

/** OTLP/HTTP, "Retryable Response Codes". */
const RETRYABLE_HTTP: readonly unknown[] = [429, 502, 503, 504];

/** Connections that fail before a request is answered. */
const RETRYABLE_NETWORK: readonly unknown[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
];

/** What the OTLP exporters of opentelemetry-js say without a code: too many exports at once; given up after retries. */
const RETRYABLE_TEXT =
  /^(Concurrent export limit reached|Export failed with retryable status|Request timed out)$/;

/**
 * What a failed export of an SDK's exporter means for the pipeline. The specification says that a failed batch must be
 * dropped, so only what is known to be passing is tried again: status codes of gRPC and HTTP that OTLP calls retryable,
 * broken connections.
 */
export function exportError(error: unknown): SpanloomError {
  const message = error instanceof Error ? error.message : 'the exporter gave no reason';
  const code: unknown = property(error, 'code');
  if (typeof code === 'number' && code > 0 && code < GRPC_STATUS.length) {
    const details = statusDetails(error);
    const outcome = { status: GRPC_STATUS[code]!, message, ...(details && { details }) };
    return statusError(outcome);
  }
  const text = `the SDK's exporter failed: ${message}`;
  const passing =
    RETRYABLE_HTTP.includes(code) || RETRYABLE_NETWORK.includes(code) || RETRYABLE_TEXT.test(message);
  return passing
    ? new RetryableError('SPANLOOM_EXPORT_FAILED', text, undefined, { cause: error })
    : new PermanentError('SPANLOOM_EXPORT_REJECTED', text, { cause: error });
}

/** `google.rpc.Status` in the metadata of an error of grpc-js. */
function statusDetails(error: unknown): Uint8Array | undefined {
  const metadata = property(error, 'metadata');
  const get = property(metadata, 'get');
  if (typeof get !== 'function') return undefined;
  const [details] = get.call(metadata, 'grpc-status-details-bin') as unknown[];
  return details instanceof Uint8Array ? details : undefined;
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
