import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fanOut } from '../../../src/collector/graph/fan-out.ts';
import { PermanentError, RetryableError } from '../../../src/error.ts';

const ok = async () => {};
const failing = (error: unknown) => async () => {
  throw error;
};
const retry = (message: string, ms?: number) => failing(new RetryableError('SPANLOOM_BUSY', message, ms));
const permanent = (message: string) => failing(new PermanentError('SPANLOOM_BAD', message));

async function errorOf(branches: (() => Promise<void>)[]): Promise<unknown> {
  return fanOut(branches)(undefined).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('fanOut', () => {
  it('offers the batch to every branch, also after one has failed', async () => {
    const seen: string[] = [];
    const take = (name: string) => async (batch: string) => {
      seen.push(`${name} ${batch}`);
    };
    const consume = fanOut<string>([take('a'), failing(new Error('x')), take('b')]);
    await expect(consume('batch')).rejects.toThrow('x');
    expect(seen).toEqual(['a batch', 'b batch']);
  });

  it('waits for the slowest branch before it reports an error', async () => {
    let done = false;
    const slow = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done = true;
    };
    await errorOf([permanent('x'), slow]);
    expect(done).toBe(true);
  });

  it('turns a branch that throws at once into a rejection', async () => {
    const throwing = () => {
      throw new Error('at once');
    };
    await expect(fanOut([throwing, ok])(undefined)).rejects.toThrow('at once');
  });

  it('passes a single error on as it is', async () => {
    const error = new RetryableError('SPANLOOM_BUSY', 'full', 250);
    expect(await errorOf([ok, failing(error)])).toBe(error);
  });

  it('asks for a retry, after the longest wait, when any branch does', async () => {
    const error = await errorOf([permanent('bad'), retry('full', 100), retry('slow', 250), retry('busy')]);
    expect(error).toBeInstanceOf(RetryableError);
    expect(error).toMatchObject({
      message: 'bad; full; slow; busy',
      retryAfterMs: 250,
      code: 'SPANLOOM_BUSY',
    });
  });

  it('is final when every failure is', async () => {
    const error = await errorOf([permanent('bad'), failing('odd')]);
    expect(error).not.toBeInstanceOf(RetryableError);
    expect(error).toMatchObject({ message: 'bad; odd', code: 'SPANLOOM_BAD' });
  });

  it('resolves exactly when all branches do, and is retryable exactly when some branch is', async () => {
    const outcomes = { ok: () => ok(), retry: retry('r'), permanent: permanent('p') };
    const names = fc.constantFrom<keyof typeof outcomes>('ok', 'retry', 'permanent');
    await fc.assert(
      fc.asyncProperty(fc.array(names, { minLength: 1, maxLength: 6 }), async (branches) => {
        const error = await errorOf(branches.map((name) => outcomes[name]));
        expect(error === undefined).toBe(branches.every((name) => name === 'ok'));
        expect(error instanceof RetryableError).toBe(branches.includes('retry'));
      }),
    );
  });
});
