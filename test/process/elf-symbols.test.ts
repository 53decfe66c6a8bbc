import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Elf } from '../../src/receiver/ebpf/process/elf.ts';
import { exportedSymbols } from '../../src/receiver/ebpf/process/elf-symbols.ts';
import { elfFile } from './elf-file.ts';
import { ProcTree } from './proc-tree.ts';

const tree = new ProcTree();
afterAll(() => tree[Symbol.dispose]());

interface Symbol64 {
  readonly name: string;
  readonly section: number;
  readonly value: bigint;
}

function tables(symbols: readonly Symbol64[]): { '.dynsym': Buffer; '.dynstr': Buffer } {
  const strings = Buffer.from(`\0${symbols.map(({ name }) => `${name}\0`).join('')}`, 'latin1');
  const table = Buffer.alloc(24 * (symbols.length + 1));
  let nameAt = 1;
  symbols.forEach(({ name, section, value }, i) => {
    const at = 24 * (i + 1);
    table.writeUInt32LE(nameAt, at);
    table.writeUInt16LE(section, at + 6);
    table.writeBigUInt64LE(value, at + 8);
    nameAt += name.length + 1;
  });
  return { '.dynsym': table, '.dynstr': strings };
}

function found(sections: Record<string, Buffer>, names: readonly string[]) {
  const file = join(tree.root, 'program');
  writeFileSync(file, elfFile(sections));
  return Elf.use(file, (elf) => exportedSymbols(elf, names));
}

describe('the symbols that a program exports', () => {
  it('are found by name, those it only asks for are not', () => {
    const sections = tables([
      { name: '_PyRuntime', section: 26, value: 0xa56220n },
      { name: 'PyContext_Type', section: 0, value: 0n },
      { name: 'PyContext_CopyCurrent', section: 14, value: 0x683180n },
    ]);
    const names = ['_PyRuntime', 'PyContext_Type', 'PyContext_CopyCurrent', 'Missing'];
    expect(found(sections, names)).toEqual(
      new Map([
        ['_PyRuntime', 0xa56220],
        ['PyContext_CopyCurrent', 0x683180],
      ]),
    );
  });

  it('are none in a file without tables of them', () => {
    expect(found({ '.text': Buffer.alloc(8) }, ['_PyRuntime'])).toEqual(new Map());
  });

  it('are read from garbage without an error', () => {
    const bytes = fc.uint8Array({ maxLength: 200 }).map((content) => Buffer.from(content));
    fc.assert(
      fc.property(bytes, bytes, (table, strings) => {
        const names = Buffer.concat([strings, Buffer.from('\0name\0')]);
        expect(found({ '.dynsym': table, '.dynstr': names }, ['name'])).toBeInstanceOf(Map);
      }),
    );
  });
});
