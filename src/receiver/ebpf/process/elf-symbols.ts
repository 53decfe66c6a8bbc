import type { Elf } from './elf.ts';

/** Far more than any program exports. */
const MAX_BYTES = 16 * 1024 * 1024;

/** ELF-64 object file format, "Symbol Table". */
const ENTRY = { name: 0, section: 6, value: 8, bytes: 24 } as const;
const UNDEFINED_SECTION = 0;

/** Addresses, as a little-endian 64-bit file asks for them, of those of these names that it exports. */
export function exportedSymbols(elf: Elf, names: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  const table = elf.section('.dynsym', MAX_BYTES);
  const strings = elf.section('.dynstr', MAX_BYTES);
  if (!table || !strings) return found;
  const wanted = new Map<number, string>();
  for (const name of names)
    for (const at of placesOf(strings, Buffer.from(`\0${name}\0`, 'latin1'))) wanted.set(at, name);
  for (let at = 0; at + ENTRY.bytes <= table.length; at += ENTRY.bytes) {
    const name = wanted.get(table.readUInt32LE(at + ENTRY.name));
    if (name === undefined || table.readUInt16LE(at + ENTRY.section) === UNDEFINED_SECTION) continue;
    found.set(name, Number(table.readBigUInt64LE(at + ENTRY.value)));
  }
  return found;
}

/** A name may stand in the table more than once. */
function* placesOf(strings: Buffer, name: Buffer): Generator<number> {
  for (let at = strings.indexOf(name); at >= 0; at = strings.indexOf(name, at + 1)) yield at + 1;
}
