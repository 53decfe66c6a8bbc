import type { ExportResult } from '../queue/transport.ts';

/** The field of `partialSuccess` that counts what was rejected, by signal. */
const REJECTED = ['rejectedSpans', 'rejectedDataPoints', 'rejectedLogRecords'];

/**
 * Reads an `Export<Signal>ServiceResponse` in OTLP/JSON. A response that can not be read says nothing against the
 * request, which was taken.
 */
export function readJsonResponse(body: Uint8Array): ExportResult {
  let response: unknown;
  try {
    response = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8'));
  } catch (error) {
    return { rejected: 0, message: `the response can not be read: ${(error as Error).message}` };
  }
  const partial = member(response, 'partialSuccess');
  // A 64-bit integer: a string, as a rule.
  const counts = REJECTED.map((name) => Number(member(partial, name) ?? 0));
  return {
    rejected: counts.find((count) => Number.isSafeInteger(count) && count > 0) ?? 0,
    message: String(member(partial, 'errorMessage') ?? ''),
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
