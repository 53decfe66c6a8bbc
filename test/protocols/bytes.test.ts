import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../src/receiver/ebpf/protocols/byte-reader.ts';
import { HeldBytes } from '../../src/receiver/ebpf/protocols/held-bytes.ts';
import { latin1OrSame, lineFeed, viewOf } from '../../src/receiver/ebpf/protocols/text.ts';

const reader = new ByteReader();

describe('ByteReader', () => {
  it('reads numbers and strings front to back', () => {
    const data = Uint8Array.of(9, 7, 0xff, 0xff, 0xff, 0xfe, 0x61, 0x62, 0, 0x63, 9);
    reader.reset(data, 1, 10);
    expect(reader.uint8()).toBe(7);
    expect(reader.int32()).toBe(-2);
    expect(reader.cstring()).toBe('ab');
    expect(reader.cstring()).toBeUndefined();
    expect(reader.cutString()).toBe('c');
    expect(reader.remaining).toBe(0);
    expect(reader.uint8()).toBeUndefined();
    expect(reader.int32()).toBeUndefined();
  });

  it('does not see a zero byte behind its end', () => {
    expect(reader.reset(Uint8Array.of(0x61, 0), 0, 1).cstring()).toBeUndefined();
  });

  it('leaves out a character that was cut in the middle', () => {
    const text = new TextEncoder().encode('aé€𐍈');
    expect(reader.reset(text, 0, 2).cutString()).toBe('a');
    expect(reader.reset(text, 0, 5).cutString()).toBe('aé');
    expect(reader.reset(text, 0, 9).cutString()).toBe('aé€');
  });

  it('never throws and never leaves its part of the buffer', () => {
    const step = fc.constantFrom(
      'uint8' as const,
      'int32' as const,
      'cstring' as const,
      'cutString' as const,
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.nat(40),
        fc.nat(60),
        fc.array(step),
        (data, from, to, steps) => {
          reader.reset(data, Math.min(from, data.length), to);
          for (const name of steps) {
            const before = reader.remaining;
            reader[name]();
            expect(reader.remaining).toBeLessThanOrEqual(Math.max(0, before));
          }
        },
      ),
    );
  });
});

describe('HeldBytes', () => {
  it('holds the beginning of what it is given, up to its limit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 3000 }),
        (parts, limit) => {
          const held = new HeldBytes(limit);
          let kept = 0;
          for (const part of parts) {
            kept += held.append(part, 0);
            part.fill(0xaa, 0, 0);
          }
          expect(Buffer.from(held.bytes)).toEqual(Buffer.concat(parts).subarray(0, limit));
          expect(held.length).toBe(kept);
          held.clear();
          expect(held.length).toBe(0);
        },
      ),
    );
  });

  it('holds a copy', () => {
    const data = Uint8Array.of(1, 2, 3);
    const held = new HeldBytes(10);
    held.append(data, 1);
    data.fill(0);
    expect([...held.bytes]).toEqual([2, 3]);
  });
});

describe('text', () => {
  it('finds line feeds at any offset in a shared buffer', () => {
    const chunk = fc
      .uint8Array({ maxLength: 40 })
      .map((data) => data.map((byte) => (byte > 220 ? 10 : byte)));
    fc.assert(
      fc.property(chunk, fc.nat(8), fc.nat(40), (bytes, shift, from) => {
        const memory = new Uint8Array(64).fill(10);
        memory.set(bytes, shift);
        const data = memory.subarray(shift, shift + bytes.length);
        expect(lineFeed(data, from, viewOf(data), data.byteOffset)).toBe(data.indexOf(10, from));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps a string that repeats', () => {
    const data = new TextEncoder().encode('host:8080');
    expect(latin1OrSame(data, 0, 4, 'host')).toBe('host');
    expect(latin1OrSame(data, 5, 9, 'host')).toBe('8080');
  });
});
