import { PermanentError } from '../error.ts';

/**
 * Bytes that are no valid message of the OTLP schema. The sentence says what was found and at which byte.
 *
 * ```ts
 * import { MalformedOtlpError, OtlpBatch, toReadableSpans } from 'spanloom';
 *
 * try {
 *   toReadableSpans(new OtlpBatch(Uint8Array.of(0x0a, 0x7f), 1));
 * } catch (error) {
 *   if (error instanceof MalformedOtlpError) console.log(error.offset);
 * }
 * ```
 */
export class MalformedOtlpError extends PermanentError {
  constructor(
    what: string,
    /** Byte of the body at which the problem shows. */
    readonly offset: number,
  ) {
    super('SPANLOOM_OTLP_MALFORMED', `malformed OTLP message: ${what} at byte ${offset}`);
  }
}
