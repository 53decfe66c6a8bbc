import { type FileHandle, open } from 'node:fs/promises';
import { RUNTIME_KIND } from '../../capture/layout.ts';
import { Elf, type Section } from '../../process/elf.ts';
import type { ProcessFacts } from '../../process/facts.ts';
import type { Inspection } from '../inspection.ts';
import { findGoFunctions, type GoFunctions } from './pclntab.ts';
import { PROBED_FUNCTIONS, planProbes } from './probes.ts';
import { checksStack, PROLOGUE_BYTES } from './prologue.ts';

/** `e_machine` of the processors whose Go register convention the kernel side knows. */
const MACHINES: ReadonlyMap<number, NodeJS.Architecture> = new Map([
  [62, 'x64'],
  [183, 'arm64'],
]);

/** Position-independent programs have it among the data that is relocated. */
const TABLE_SECTIONS = ['.gopclntab', '.data.rel.ro.gopclntab'];

interface Program {
  readonly table: Section | undefined;
  readonly text: Section | undefined;
}

/**
 * Where a Go program has the functions that tell one goroutine's work from another's. The goroutine itself is in a
 * register: a program whose functions are not found still shows who reads and writes.
 */
export async function inspectGo(procRoot: string, { pid }: ProcessFacts): Promise<Inspection | undefined> {
  const file = `${procRoot}/${pid}/exe`;
  const program = Elf.use(file, (elf): Program | undefined => {
    const { machine } = elf;
    if (machine?.bits !== 64 || MACHINES.get(machine.code) !== process.arch) return undefined;
    const tableSection = TABLE_SECTIONS.find((name) => elf.has(name));
    return {
      table: tableSection === undefined ? undefined : elf.place(tableSection),
      text: elf.place('.text'),
    };
  });
  if (!program) return undefined;
  const { probes, shortcomings } = planProbes(await locate(file, program));
  return { kind: RUNTIME_KIND.go, parameters: [], file, probes, shortcomings };
}

/** Offsets in the file of the probed functions that are there. Undefined where their table can not be read. */
async function locate(
  path: string,
  { table, text }: Program,
): Promise<Map<string, { offset: number; length: number }> | undefined> {
  if (!table || !text) return undefined;
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const read = (offset: number, length: number) => readSection(file, table, offset, length);
    const functions = await findGoFunctions(read, PROBED_FUNCTIONS);
    if (!functions) return undefined;
    for (const start of textStarts(functions, text)) {
      const located = await inFile(file, functions, start, text);
      if (located) return located;
    }
    return undefined;
  } finally {
    await file.close();
  }
}

/**
 * What functions are counted from. Up to Go 1.17 the table has addresses, from 1.18 to 1.25 it says the start, and from
 * 1.26 on only relocated memory does; unless C was linked in, code begins there.
 */
function textStarts({ textStart }: GoFunctions, text: Section): readonly number[] {
  return [textStart, text.address];
}

/** Undefined where what is there does not begin as Go functions do: `start` is wrong. */
async function inFile(
  file: FileHandle,
  { found }: GoFunctions,
  start: number,
  text: Section,
): Promise<Map<string, { offset: number; length: number }> | undefined> {
  const located = new Map<string, { offset: number; length: number }>();
  for (const [name, { entry, end }] of found) {
    const at = start + entry - text.address;
    if (at < 0 || at + PROLOGUE_BYTES > text.size) return undefined;
    if (!checksStack(await readSection(file, text, at, PROLOGUE_BYTES))) return undefined;
    located.set(name, { offset: text.offset + at, length: end - entry });
  }
  return located;
}

async function readSection(
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
