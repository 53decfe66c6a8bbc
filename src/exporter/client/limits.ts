import { PermanentError } from '../../error.ts';

/** The OTLP specification's recommended limit for a request, before compression. */
const MAX_REQUEST_BYTES = 64 << 20;

/** The OTLP specification's recommended limit for a response. */
export const MAX_RESPONSE_BYTES = 4 << 20;

/** Throws a `PermanentError` for a request that backends following the specification refuse anyway. */
export function checkRequestSize(body: Uint8Array): void {
  if (body.length <= MAX_REQUEST_BYTES) return;
  throw new PermanentError(
    'SPANLOOM_EXPORT_TOO_LARGE',
    `the request has ${body.length} bytes, more than the ${MAX_REQUEST_BYTES} that OTLP allows: send smaller batches`,
  );
}
