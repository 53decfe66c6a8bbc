import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoundedQueue } from '../../../src/exporter/queue/bounded-queue.ts';

/** A queue whose work ends when the test says so. */
function manualQueue(capacity: number, consumers: number) {
  const taken = { value: 0 };
  const working: { value: number; finish: () => void }[] = [];
  const started: number[] = [];
  const queue = new BoundedQueue<number>({ capacity, consumers }, taken, (value) => {
    started.push(value);
    return new Promise((resolve) => working.push({ value, finish: resolve }));
  });
  return { queue, taken, working, started };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('BoundedQueue', () => {
  it('works on every admitted element once, in order, within its bounds, and admits all who wait', async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({
          op: fc.constantFrom('offer' as const, 'push' as const),
          size: fc.integer({ min: 0, max: 4 }),
        }),
        fc.record({ op: fc.constant('finish' as const), which: fc.nat() }),
      ),
      { maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 4, max: 8 }),
        fc.integer({ min: 1, max: 4 }),
        steps,
        async (capacity, consumers, script) => {
          const { queue, taken, working, started } = manualQueue(capacity, consumers);
          const admitted: number[] = [];
          let next = 0;
          for (const step of script) {
            if (step.op === 'finish') {
              if (working.length > 0) working.splice(step.which % working.length, 1)[0]!.finish();
              await settle();
            } else {
              const value = next++;
              if (step.op === 'offer') {
                if (queue.offer(value, step.size)) admitted.push(value);
              } else void queue.push(value, step.size).then((ok) => ok && admitted.push(value));
              await settle();
            }
            expect(taken.value).toBeLessThanOrEqual(capacity);
            expect(working.length).toBeLessThanOrEqual(consumers);
          }
          while (working.length > 0) {
            working.shift()!.finish();
            await settle();
          }
          await queue.idle();
          expect(started).toEqual(admitted);
          expect(taken.value).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('hands back what nobody works on and refuses those who wait', async () => {
    const { queue, taken, working } = manualQueue(2, 1);
    queue.offer(1, 1);
    queue.offer(2, 1);
    const waiting = queue.push(3, 1);
    expect(queue.clear()).toEqual([2]);
    await expect(waiting).resolves.toBe(false);
    expect(taken.value).toBe(1);
    working[0]!.finish();
    await queue.idle();
    expect(taken.value).toBe(0);
  });

  it('lets nobody overtake a larger element that waits for room', async () => {
    const { queue, working, started } = manualQueue(4, 1);
    queue.offer(1, 3);
    const large = queue.push(2, 4);
    expect(queue.offer(3, 1)).toBe(false);
    working[0]!.finish();
    await expect(large).resolves.toBe(true);
    expect(started).toEqual([1, 2]);
  });
});
