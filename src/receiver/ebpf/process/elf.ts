import { closeSync, constants, openSync } from 'node:fs';
import { readFrom } from './proc/read.ts';

const MAX_SECTIONS = 4096;
const MAX_NAMES = 256 * 1024;
const NOBITS = 8;
const MACHINE = 0x12;

/** Where the section headers and their fields lie (ELF-64 and ELF-32 object file format, "Sections"). */
const LAYOUT_64 = {
  shoff: 0x28,
  shentsize: 0x3a,
  address: 0x10,
  offset: 0x18,
  size: 0x20,
  header: 0x40,
  entry: 0x40,
  word: 8,
};
const LAYOUT_32 = {
  shoff: 0x20,
  shentsize: 0x2e,
  address: 0x0c,
  offset: 0x10,
  size: 0x14,
  header: 0x34,
  entry: 0x28,
  word: 4,
};

/** Where a section is. */
export interface Section {
  /** In memory, as the file asks for it. */
  readonly address: number;
  /** In the file. */
  readonly offset: number;
  readonly size: number;
}

/** The sections of an ELF file by name: what it takes to tell which runtime a program was built with, and look into it. */
export class Elf {
  readonly #fd: number;
  readonly #sections: ReadonlyMap<string, Section>;

  private constructor(fd: number, sections: ReadonlyMap<string, Section>) {
    this.#fd = fd;
    this.#sections = sections;
  }

  /** Opens `path` while `use` runs. Undefined where it can not be read or is no ELF file with section headers. */
  static use<T>(path: string, use: (elf: Elf) => T): T | undefined {
    let fd: number;
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch {
      return undefined;
    }
    try {
      const sections = readSections(fd);
      return sections && use(new Elf(fd, sections));
    } finally {
      closeSync(fd);
    }
  }

  /** `e_machine` and the word size; undefined for a file that is no longer readable. */
  get machine(): { readonly code: number; readonly bits: 32 | 64 } | undefined {
    const header = readFrom(this.#fd, 0, MACHINE + 2);
    if (header?.length !== MACHINE + 2) return undefined;
    const code = header[5] === 1 ? header.readUInt16LE(MACHINE) : header.readUInt16BE(MACHINE);
    return { code, bits: header[4] === 2 ? 64 : 32 };
  }

  place(name: string): Section | undefined {
    return this.#sections.get(name);
  }

  has(name: string): boolean {
    return this.#sections.has(name);
  }

  /** At most `limit` bytes of the section; undefined where there is none. */
  section(name: string, limit: number): Buffer | undefined {
    const section = this.#sections.get(name);
    return section && readFrom(this.#fd, section.offset, Math.min(section.size, limit));
  }
}

function readSections(fd: number): Map<string, Section> | undefined {
  const header = readFrom(fd, 0, LAYOUT_64.header);
  if (!header || header.length < LAYOUT_32.header || header.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const layout = header[4] === 2 ? LAYOUT_64 : LAYOUT_32;
  if (header.length < layout.header) return undefined;
  const little = header[5] === 1;
  const half = (bytes: Buffer, at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const word = (bytes: Buffer, at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const address = (bytes: Buffer, at: number) => {
    if (layout.word === 4) return word(bytes, at);
    return Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  };

  const entrySize = half(header, layout.shentsize);
  const count = half(header, layout.shentsize + 2);
  const namesIndex = half(header, layout.shentsize + 4);
  const tableAt = address(header, layout.shoff);
  if (entrySize < layout.entry || count === 0 || count > MAX_SECTIONS || namesIndex >= count)
    return undefined;
  if (!Number.isSafeInteger(tableAt + entrySize * count)) return undefined;
  const table = readFrom(fd, tableAt, entrySize * count);
  if (!table || table.length < entrySize * count) return undefined;

  const place = (index: number): Section => ({
    address: address(table, index * entrySize + layout.address),
    offset: address(table, index * entrySize + layout.offset),
    size: address(table, index * entrySize + layout.size),
  });
  const namesPlace = place(namesIndex);
  if (!Number.isSafeInteger(namesPlace.offset)) return undefined;
  const names = readFrom(fd, namesPlace.offset, Math.min(namesPlace.size, MAX_NAMES));
  if (!names) return undefined;

  const sections = new Map<string, Section>();
  for (let i = 0; i < count; i++) {
    const nameAt = word(table, i * entrySize);
    const end = names.indexOf(0, nameAt);
    const section = place(i);
    const type = word(table, i * entrySize + 4);
    if (nameAt >= names.length || end < 0 || type === NOBITS || !Number.isSafeInteger(section.offset))
      continue;
    sections.set(names.toString('latin1', nameAt, end), section);
  }
  return sections;
}
