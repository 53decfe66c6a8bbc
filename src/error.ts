/**
 * Every error Spanloom raises on purpose carries a stable `code`, so that people can search for it and
 * programs can tell cases apart without reading the sentence.
 *
 * The sentence says what was wrong, where, what was expected and what to do.
 */
export class SpanloomError extends Error {
  override readonly name: string = 'SpanloomError';

  constructor(
    /** Stable identifier such as `SPANLOOM_CONFIG_INVALID`. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A consumer could not take a batch now; the same batch may be accepted later. */
export class RetryableError extends SpanloomError {
  override readonly name = 'RetryableError';

  constructor(
    code: string,
    message: string,
    /** How long the refusing side asks to wait, in milliseconds. */
    readonly retryAfterMs?: number,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** A consumer will never take this batch; sending it again is useless. */
export class PermanentError extends SpanloomError {
  override readonly name = 'PermanentError';
}
