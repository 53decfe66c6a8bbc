/**
 * Every error Spanloom raises on purpose carries a stable `code`, so that people can search for it and
 * programs can tell cases apart without reading the sentence.
 *
 * The sentence says what was wrong, where, what was expected and what to do.
 *
 * ```ts
 * import { createCollector, SpanloomError } from 'spanloom';
 *
 * try {
 *   await createCollector({ config: 'yaml:receivers: {}' }).start();
 * } catch (error) {
 *   if (error instanceof SpanloomError) console.log(error.code); // SPANLOOM_CONFIG_INCOMPLETE
 * }
 * ```
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

/**
 * A consumer could not take a batch now; the same batch may be accepted later.
 *
 * ```ts
 * import { RetryableError } from 'spanloom';
 *
 * const full = new RetryableError('SHOP_STORE_FULL', 'the store is full: try again in a second', 1000);
 * console.log(full.retryAfterMs);
 * ```
 */
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

/**
 * A consumer will never take this batch; sending it again is useless.
 *
 * ```ts
 * import { PermanentError } from 'spanloom';
 *
 * const refused = new PermanentError('SHOP_NO_SUCH_TENANT', 'there is no tenant "x": create it first');
 * console.log(refused.code);
 * ```
 */
export class PermanentError extends SpanloomError {
  override readonly name = 'PermanentError';
}
