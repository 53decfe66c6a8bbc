import { describe, expect, it } from 'vitest';
import { PermanentError, RetryableError } from '../../src/error.ts';
import type { Batch } from '../../src/otlp/batch.ts';
import { OtlpBatch } from '../../src/otlp/batch.ts';
import { Outbox } from '../../src/processor/correlate/outbox.ts';

const batch = (n: number) => new OtlpBatch(new Uint8Array(n), n);
const busy = () => new RetryableError('BUSY', 'Try again', 1);

/** An outbox whose next stage answers with what `answers` holds, then accepts. */
function outbox(...answers: (Error | undefined)[]) {
  const accepted: number[] = [];
  const offered: number[] = [];
  const dropped = { value: 0 };
  const box = new Outbox({
    maxBytes: 100,
    dropped,
    onDropped: () => {},
    send: async (sent: Batch) => {
      offered.push(sent.itemCount);
      const error = answers.shift();
      if (error) throw error;
      accepted.push(sent.itemCount);
    },
  });
  return { box, accepted, offered, dropped };
}

describe('the outbox', () => {
  it('offers a batch again that may be accepted later, in order', async () => {
    const { box, accepted, offered } = outbox(busy(), busy(), undefined, busy());
    for (const n of [1, 2, 3]) box.add(batch(n));
    await expect.poll(() => accepted).toEqual([1, 2, 3]);
    expect(offered).toEqual([1, 1, 1, 2, 2, 3]);
    expect(box.bytes).toBe(0);
  });

  it('drops and counts what will never be accepted, and goes on', async () => {
    const { box, accepted, dropped } = outbox(new PermanentError('NO', 'Never'));
    for (const n of [4, 2]) box.add(batch(n));
    await box.close();
    expect(accepted).toEqual([2]);
    expect(dropped.value).toBe(4);
  });

  it('offers everything once more when it closes, whatever the pause that was asked for', async () => {
    const later = new RetryableError('BUSY', 'Much later', 3_600_000);
    const { box, accepted, offered, dropped } = outbox(later, undefined, later);
    for (const n of [1, 2, 3]) box.add(batch(n));
    await expect.poll(() => offered).toEqual([1]);
    await box.close();
    expect(accepted).toEqual([1, 3]);
    expect(dropped.value).toBe(2);
  });

  it('drops and counts what comes when as much waits as may', async () => {
    const { box, accepted, offered, dropped } = outbox(new RetryableError('BUSY', 'Much later', 3_600_000));
    for (const n of [60, 50, 40]) box.add(batch(n));
    expect(dropped.value).toBe(50);
    await expect.poll(() => offered).toEqual([60]);
    await box.close();
    expect(accepted).toEqual([60, 40]);
  });

  it('says how many bytes wait', async () => {
    const { box } = outbox(new RetryableError('BUSY', 'Much later', 3_600_000));
    for (const n of [10, 20]) box.add(batch(n));
    expect(box.bytes).toBe(30);
    await box.close();
    expect(box.bytes).toBe(0);
  });
});
