import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Blocks, type Place } from '../../src/correlate/sdk-only/blocks.ts';

const steps = fc.array(
  fc.oneof(
    fc.record({ keep: fc.integer({ min: 1, max: 700_000 }), parts: fc.nat(3) }),
    fc.record({ release: fc.nat() }),
  ),
  { maxLength: 60 },
);

describe('memory for what is held', () => {
  it('keeps every part as it is until that is released, whatever else comes and goes', () => {
    fc.assert(
      fc.property(steps, (played) => {
        const blocks = new Blocks();
        const parts: { place: Place; length: number; fill: number }[] = [];
        let fill = 0;
        for (const step of played) {
          if ('keep' in step) {
            fill = (fill + 1) % 256;
            const place = blocks.keep(new Uint8Array(step.keep).fill(fill));
            for (let i = 0; i < step.parts; i++) {
              blocks.use(place.block);
              parts.push({ place, length: step.keep, fill });
            }
          } else if (parts.length > 0) {
            const [part] = parts.splice(step.release % parts.length, 1);
            blocks.release(part!.place.block);
          }
          for (const { place, length, fill: expected } of parts) {
            const view = blocks.view(place.block, place.offset, length);
            expect([view[0], view[length >> 1], view[length - 1]]).toEqual([expected, expected, expected]);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is used again', () => {
    const blocks = new Blocks();
    const memory = new Set<ArrayBufferLike>();
    for (let i = 0; i < 100; i++) {
      const { block, offset } = blocks.keep(new Uint8Array(500_000));
      blocks.use(block);
      memory.add(blocks.view(block, offset, 1).buffer);
      blocks.release(block);
    }
    expect(memory.size).toBeLessThanOrEqual(3);
  });
});
