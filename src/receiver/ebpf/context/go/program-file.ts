import type { FileHandle } from 'node:fs/promises';
import { Elf, type Section } from '../../process/elf.ts';

/** `e_machine` of the processors whose Go register convention the kernel side knows. */
const MACHINES: ReadonlyMap<number, NodeJS.Architecture> = new Map([
  [62, 'x64'],
  [183, 'arm64'],
]);

/** Position-independent programs have it among the data that is relocated. */
const TABLE = ['.gopclntab', '.data.rel.ro.gopclntab'];
/** By Go's linker, by the C linker. */
const RELOCATIONS = ['.rela', '.rela.dyn'];

/** Elf64_Rela: address, kind, and what is stored at the address plus where the program was loaded to. */
const RELOCATION_BYTES = 24;
const ADDEND = 16;
const PIECE = 43_690 * RELOCATION_BYTES;

/** The parts of a Go program that say where its functions are. */
export interface GoProgram {
  readonly table: Section | undefined;
  readonly text: Section | undefined;
  /** The runtime's own description of the program; a section since Go 1.26. */
  readonly module: Section | undefined;
  readonly relocations: readonly Section[];
}

/** Undefined for what is no program of this machine. */
export function readGoProgram(path: string): GoProgram | undefined {
  return Elf.use(path, (elf): GoProgram | undefined => {
    const { machine } = elf;
    if (machine?.bits !== 64 || MACHINES.get(machine.code) !== process.arch) return undefined;
    return {
      table: TABLE.map((name) => elf.place(name)).find((section) => section !== undefined),
      text: elf.place('.text'),
      module: elf.place('.go.module'),
      relocations: RELOCATIONS.flatMap((name) => elf.place(name) ?? []),
    };
  });
}

/** Bytes of a section, fewer at its end. */
export async function readSection(
  file: FileHandle,
  section: Section,
  offset: number,
  length: number,
): Promise<Buffer> {
  const wanted = Math.min(length, section.size - offset);
  if (!(wanted > 0)) return Buffer.alloc(0);
  const buffer = Buffer.alloc(wanted);
  const { bytesRead } = await file.read(buffer, 0, wanted, section.offset + offset);
  return buffer.subarray(0, bytesRead);
}

/**
 * A word of the program's data, relative to where the program is loaded; 0 where it has none. In a position-independent
 * program the file has it in its list of relocations.
 */
export async function readWord(
  file: FileHandle,
  { relocations }: GoProgram,
  section: Section | undefined,
  offset: number,
): Promise<number> {
  if (!section) return 0;
  const stored = await readSection(file, section, offset, 8);
  if (stored.length < 8) return 0;
  const value = Number(stored.readBigUInt64LE());
  if (value !== 0) return value;
  const address = Buffer.alloc(8);
  address.writeBigUInt64LE(BigInt(section.address + offset));
  for (const list of relocations)
    for (let at = 0; at < list.size; at += PIECE) {
      const piece = await readSection(file, list, at, PIECE);
      for (let found = piece.indexOf(address); found >= 0; found = piece.indexOf(address, found + 1))
        if (found % RELOCATION_BYTES === 0 && found + RELOCATION_BYTES <= piece.length)
          return Number(piece.readBigUInt64LE(found + ADDEND));
    }
  return 0;
}
