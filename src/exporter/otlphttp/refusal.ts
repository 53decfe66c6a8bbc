import { PermanentError, RetryableError, type SpanloomError } from '../../error.ts';
import { retryAfterMs } from './retry-after.ts';
import { statusMessage } from './status-message.ts';

/** What a backend answered. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** The OTLP specification's table of retryable response codes. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The error for a response that is no success. */
export function refusal(url: URL, { status, headers, body }: HttpResponse): SpanloomError {
  const message = statusMessage(headers['content-type'], body);
  const text = `request to ${url.href} responded with HTTP Status Code ${status}${message && `, Message=${message}`}`;
  if (RETRYABLE.has(status))
    return new RetryableError(
      'SPANLOOM_EXPORT_FAILED',
      text,
      retryAfterMs(headers['retry-after'], Date.now()),
    );
  return new PermanentError('SPANLOOM_EXPORT_REJECTED', text);
}
