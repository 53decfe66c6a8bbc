import { RetryableError, SpanloomError } from '../../error.ts';

/**
 * Offers a batch to every branch at once and waits for all of them, so that a slow or failing branch never keeps the
 * others from their data.
 *
 * When any branch asks for a retry, so does the whole: the batch then reaches the other branches a second time. Sent
 * twice can be told apart later; not sent is lost. (The Collector gives up on the batch as soon as one branch fails for good.)
 */
export function fanOut<Batch>(
  branches: readonly ((batch: Batch) => Promise<void>)[],
): (batch: Batch) => Promise<void> {
  if (branches.length === 1) return branches[0]!;
  return async (batch) => {
    const results = await Promise.allSettled(branches.map(async (branch) => branch(batch)));
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    if (errors.length > 0) throw combine(errors);
  };
}

function combine(errors: readonly unknown[]): unknown {
  if (errors.length === 1) return errors[0];
  const message = errors.map((error) => (error instanceof Error ? error.message : String(error))).join('; ');
  const cause = new AggregateError(errors, message);
  const retryable = errors.filter((error) => error instanceof RetryableError);
  if (retryable.length === 0) return new SpanloomError(codeOf(errors[0]), message, { cause });
  const waits = retryable.flatMap(({ retryAfterMs }) => (retryAfterMs === undefined ? [] : [retryAfterMs]));
  const wait = waits.length === 0 ? undefined : Math.max(...waits);
  return new RetryableError(retryable[0]!.code, message, wait, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof SpanloomError ? error.code : 'SPANLOOM_CONSUMER_FAILED';
}
