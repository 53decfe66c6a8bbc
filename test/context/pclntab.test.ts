import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findGoFunctions, type ReadTable } from '../../src/receiver/ebpf/context/go/pclntab.ts';

const readFrom =
  (table: Buffer): ReadTable =>
  async (offset, length) =>
    table.subarray(Math.min(offset, table.length), Math.min(offset + length, table.length));

interface Made {
  readonly version?: 'go1.16' | 'go1.18' | 'go1.20';
  readonly textStart?: number;
  readonly functions?: readonly (readonly [name: string, entry: number])[];
  readonly end?: number;
}

const MAGIC = { 'go1.16': 0xfffffffa, 'go1.18': 0xfffffff0, 'go1.20': 0xfffffff1 };

/** A table as the linker writes it, with nothing in it but names and functions. */
function makeTable({ version = 'go1.20', textStart = 0, functions = [], end = 0 }: Made): Buffer {
  const wide = version === 'go1.16' ? 8 : 4;
  const word = (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    return bytes;
  };
  const position = (value: number) => word(value).subarray(0, wide);
  const names = Buffer.from(`\0${functions.map(([name]) => `${name}\0`).join('')}`, 'latin1');
  const nameAt = (name: string) => names.indexOf(Buffer.from(`\0${name}\0`, 'latin1')) + 1;
  const list = (2 * functions.length + 1) * wide;
  const recordBytes = wide + 4;
  const namesAt = 8 + 8 * 8;
  const functionsAt = namesAt + names.length;
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 1, 8]);
  header.writeUInt32LE(MAGIC[version]);
  const words =
    version === 'go1.16'
      ? [functions.length, 0, namesAt, 0, 0, 0, functionsAt, 0]
      : [functions.length, 0, textStart, namesAt, 0, 0, 0, functionsAt];
  const pairs = functions.flatMap(([, entry], i) => [position(entry), position(list + i * recordBytes)]);
  const records = functions.flatMap(([name, entry]) => [position(entry), word(nameAt(name)).subarray(0, 4)]);
  return Buffer.concat([header, ...words.map(word), names, ...pairs, position(end), ...records]);
}

const FUNCTIONS = [
  ['runtime.first', 0x10],
  ['runtime.newproc1', 0x40],
  ['runtime.newproc1.func1', 0x90],
  ['net/http.(*persistConn).roundTrip', 0x100],
] as const;

describe('the table of functions in a Go program', () => {
  it.each(['go1.16', 'go1.18', 'go1.20'] as const)(
    'of %s tells where a function begins and ends',
    async (version) => {
      const table = makeTable({ version, textStart: 0x401000, functions: FUNCTIONS, end: 0x180 });
      const functions = await findGoFunctions(readFrom(table), [
        'runtime.newproc1',
        'net/http.(*persistConn).roundTrip',
        'runtime.missing',
      ]);
      expect(functions).toEqual({
        countsFrom: version === 'go1.16' ? 'zero' : 'text',
        found: new Map([
          ['runtime.newproc1', { entry: 0x40, end: 0x90 }],
          ['net/http.(*persistConn).roundTrip', { entry: 0x100, end: 0x180 }],
        ]),
      });
    },
  );

  it('tells nothing of a function that it has twice', async () => {
    const table = makeTable({ functions: [...FUNCTIONS, ['runtime.newproc1', 0x180]], end: 0x200 });
    const functions = await findGoFunctions(readFrom(table), ['runtime.newproc1', 'runtime.first']);
    expect([...functions!.found.keys()]).toEqual(['runtime.first']);
  });

  it('is not taken for one where it is older, of 32 bits, of the other byte order, or something else', async () => {
    const table = makeTable({ functions: FUNCTIONS });
    const changed = (change: (copy: Buffer) => void) => {
      const copy = Buffer.from(table);
      change(copy);
      return copy;
    };
    for (const other of [
      Buffer.alloc(0),
      table.subarray(0, 40),
      changed((copy) => copy.writeUInt32LE(0xfffffffb)),
      changed((copy) => copy.writeUInt32BE(0xfffffff1)),
      changed((copy) => copy.writeUInt8(4, 7)),
      changed((copy) => copy.writeUInt8(1, 4)),
      changed((copy) => copy.writeBigUInt64LE(5_000_000n, 8)),
      changed((copy) => copy.fill(0xff, 16)),
    ])
      expect(await findGoFunctions(readFrom(other), ['runtime.newproc1'])).toBeUndefined();
  });

  it('is read in bounded time and space, whatever is damaged', async () => {
    const table = makeTable({ functions: FUNCTIONS, end: 0x180 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(table.length - 1), fc.nat(255)), { maxLength: 12 }),
        fc.nat(table.length),
        async (changes, length) => {
          const damaged = Buffer.from(table.subarray(0, length));
          for (const [at, value] of changes) if (at < damaged.length) damaged[at] = value;
          let read = 0;
          const functions = await findGoFunctions(
            async (offset, size) => {
              expect(Number.isSafeInteger(offset) && offset >= 0).toBe(true);
              expect(size).toBeLessThanOrEqual(2 << 20);
              if (++read > 1000) throw new Error('reads without end');
              return readFrom(damaged)(offset, size);
            },
            ['runtime.newproc1', 'net/http.(*persistConn).roundTrip'],
          );
          expect(functions?.found.size ?? 0).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
