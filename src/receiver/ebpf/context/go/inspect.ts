import { type FileHandle, open } from 'node:fs/promises';
import { RUNTIME_KIND } from '../../capture/layout.ts';
import type { Section } from '../../process/elf.ts';
import type { ProcessFacts } from '../../process/facts.ts';
import type { Inspection } from '../inspection.ts';
import { findGoFunctions, type GoFunctions, TEXT_START_IN_TABLE } from './pclntab.ts';
import { type Located, PROBED_FUNCTIONS, type Program, planProbes } from './probes.ts';
import { type GoProgram, readGoProgram, readSection, readWord } from './program-file.ts';
import { checksStack, PROLOGUE_BYTES } from './prologue.ts';

/** Byte of `text` in `moduledata` (runtime/symtab.go): the same since Go 1.16. */
const TEXT_IN_MODULE = 22 * 8;

/**
 * Where a Go program has the functions that tell one goroutine's work from another's. The goroutine itself is in a
 * register: a program whose functions are not found still shows who reads and writes.
 */
export async function inspectGo(procRoot: string, { pid }: ProcessFacts): Promise<Inspection | undefined> {
  const file = `${procRoot}/${pid}/exe`;
  const program = readGoProgram(file);
  if (!program) return undefined;
  const { probes, shortcomings } = planProbes(await locate(file, program));
  return { kind: RUNTIME_KIND.go, parameters: [], file, probes, shortcomings };
}

/** The probed functions that are there. Undefined where their table, or what it counts from, is not found. */
async function locate(path: string, program: GoProgram): Promise<Program | undefined> {
  const { table, text } = program;
  if (!table || !text) return undefined;
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const functions = await findGoFunctions(
      (offset, length) => readSection(file, table, offset, length),
      PROBED_FUNCTIONS,
    );
    if (!functions) return undefined;
    for await (const start of textStarts(file, program, functions)) {
      const located = await inFile(file, functions, start, text);
      if (located) return { functions: located, tableOf116: functions.countsFrom === 'zero' };
    }
    return undefined;
  } finally {
    await file.close();
  }
}

/**
 * What functions may be counted from. Up to Go 1.17 the table has addresses; from 1.18 to 1.25 it says the start; from
 * 1.26 on only the runtime's description of the program does. Where Go's linker made the program, code begins there.
 */
async function* textStarts(
  file: FileHandle,
  program: GoProgram,
  { countsFrom }: GoFunctions,
): AsyncGenerator<number, void, undefined> {
  if (countsFrom === 'zero') {
    yield 0;
    return;
  }
  yield program.text!.address;
  yield await readWord(file, program, program.table, TEXT_START_IN_TABLE);
  yield await readWord(file, program, program.module, TEXT_IN_MODULE);
}

/** Undefined where what is there does not begin as Go functions do: `start` is wrong. */
async function inFile(
  file: FileHandle,
  { found }: GoFunctions,
  start: number,
  text: Section,
): Promise<Map<string, Located> | undefined> {
  const located = new Map<string, Located>();
  for (const [name, { entry, end }] of found) {
    const at = start + entry - text.address;
    if (at < 0 || at + PROLOGUE_BYTES > text.size) return undefined;
    if (!checksStack(await readSection(file, text, at, PROLOGUE_BYTES))) return undefined;
    located.set(name, { offset: text.offset + at, length: end - entry });
  }
  return located;
}
