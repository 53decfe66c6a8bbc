import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/collector/clock.ts';
import { Counters } from '../../../src/collector/counters.ts';
import { PermanentError, RetryableError } from '../../../src/error.ts';
import { type Batch, OtlpBatch } from '../../../src/otlp/batch.ts';
import { batchConfig } from '../../../src/processor/batch/config.ts';
import { batchProcessor } from '../../../src/processor/batch/factory.ts';

const clock = new ManualClock(0n);
let counters = new Counters();

/** A batch of `items` items whose encoding is told from others by one byte. */
function batchOf(items: number, mark = 1): Batch {
  return new OtlpBatch(Uint8Array.of(mark), items);
}

function processor(config: object, answers: (Error | undefined)[] = []) {
  const sent: Batch[] = [];
  counters = new Counters();
  const settings = {
    id: 'batch',
    logger: pino({ level: 'silent' }),
    clock,
    counters,
    buildInfo: { command: 'spanloom', version: '0' },
    taps: new Set<never>(),
    shared: <T>(make: () => T) => make(),
  };
  const consumeTraces = async (batch: Batch) => {
    const answer = answers.shift();
    if (answer) throw answer;
    sent.push(batch);
  };
  const made = batchProcessor.createTraces(settings, batchConfig.parse(config), { consumeTraces });
  return { made, sent, counts: () => sent.map(({ itemCount }) => itemCount) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

afterEach(() => clock.advanceTo(clock.now() + 1e12));

describe('the batch processor', () => {
  it('sends at once what reaches send_batch_size, as one request', async () => {
    const { made, sent } = processor({ send_batch_size: 10 });
    await made.consumeTraces(batchOf(6, 1));
    await settled();
    expect(sent).toEqual([]);
    await made.consumeTraces(batchOf(5, 2));
    await settled();
    expect(sent.map((batch) => [batch.itemCount, [...batch.encode()]])).toEqual([[11, [1, 2]]]);
  });

  it('sends the rest after the timeout, counted from the first item', async () => {
    const { made, counts } = processor({ timeout: '200ms' });
    await made.consumeTraces(batchOf(1));
    clock.advanceTo(clock.now() + 150e6);
    await made.consumeTraces(batchOf(2));
    clock.advanceTo(clock.now() + 49e6);
    await settled();
    expect(counts()).toEqual([]);
    clock.advanceTo(clock.now() + 1e6);
    await settled();
    expect(counts()).toEqual([3]);
  });

  it('waits for nothing when the timeout is 0', async () => {
    const { made, counts } = processor({ timeout: 0 });
    await made.consumeTraces(batchOf(1));
    await settled();
    expect(counts()).toEqual([1]);
  });

  it('hands on a single batch as it came', async () => {
    const { made, sent } = processor({ timeout: 0 });
    const batch = batchOf(1);
    await made.consumeTraces(batch);
    await settled();
    expect(sent[0]!.encode()).toBe(batch.encode());
  });

  it('sends what waits when it is shut down, once', async () => {
    const { made, counts } = processor({});
    await made.consumeTraces(batchOf(4));
    await made.shutdown();
    await made.shutdown();
    expect(counts()).toEqual([4]);
  });

  it('offers a batch again until it is taken', async () => {
    const busy = () => new RetryableError('SPANLOOM_BUSY', 'full', 1);
    const { made, counts } = processor({ send_batch_size: 1 }, [busy(), busy()]);
    await made.consumeTraces(batchOf(1));
    await made.consumeTraces(batchOf(2));
    await made.shutdown();
    expect(counts()).toEqual([1, 2]);
  });

  it('accepts no more than two batches that nobody takes', async () => {
    const { made, counts } = processor({ send_batch_size: 1 }, [
      new RetryableError('SPANLOOM_BUSY', 'full', 20),
    ]);
    await made.consumeTraces(batchOf(1));
    await made.consumeTraces(batchOf(2));
    let accepted = false;
    const third = made.consumeTraces(batchOf(3)).then(() => {
      accepted = true;
    });
    await settled();
    expect(accepted).toBe(false);
    await third;
    await made.shutdown();
    expect(counts()).toEqual([1, 2, 3]);
  });

  it('counts what is refused for good, and goes on', async () => {
    const { made, counts } = processor({ send_batch_size: 1 }, [new PermanentError('SPANLOOM_BAD', 'no')]);
    await made.consumeTraces(batchOf(7));
    await made.consumeTraces(batchOf(1));
    await made.shutdown();
    expect(counts()).toEqual([1]);
    expect([...counters.entries()]).toContainEqual({
      name: 'otelcol_processor_batch_dropped_items',
      kind: 'counter',
      attributes: { processor: 'batch' },
      value: 7,
    });
  });

  it.each([
    [{ send_batch_max_size: 5 }, 'send_batch_max_size must be greater or equal to send_batch_size'],
    [{ timeout: '-1s' }, 'timeout must be greater or equal to 0'],
    [{ metadata_keys: ['tenant'] }, 'batching by client metadata is not supported'],
  ])('refuses %j', (config, message) => {
    expect(() => batchConfig.parse(config)).toThrow(message);
  });
});
