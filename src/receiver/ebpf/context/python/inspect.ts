import { RUNTIME_KIND } from '../../capture/layout.ts';
import { Elf } from '../../process/elf.ts';
import { exportedSymbols } from '../../process/elf-symbols.ts';
import type { ProcessFacts } from '../../process/facts.ts';
import { type Mapping, readMappings } from '../../process/proc/mappings.ts';
import type { Inspection } from '../inspection.ts';
import { LAYOUTS, versionIn } from './builds.ts';

/** `e_machine` of x86-64: where glibc keeps a thread's values is known for it alone. */
const X86_64 = 62;

const SYMBOLS = ['_PyRuntime', 'PyContext_Type', 'PyContext_CopyCurrent'] as const;

interface Interpreter {
  /** Addresses in memory. */
  readonly runtime: number;
  readonly contextType: number;
  /** Byte in the file of `PyContext_CopyCurrent`. */
  readonly copies: number;
}

/**
 * Where a CPython process has what tells the context that a thread runs in. The interpreter is the program itself or a
 * library. The kernel side checks each time that what it finds is a context: a build that is laid out in another way
 * shows none.
 */
export async function inspectPython(
  procRoot: string,
  { pid, executablePath }: ProcessFacts,
): Promise<Inspection | undefined> {
  const mappings = readMappings(procRoot, pid);
  const program = mappings.find(({ path }) => path === executablePath);
  const library = mappings.find(({ path }) => /\/libpython3[^/]*\.so[^/]*$/.test(path));
  for (const mapping of [library, program]) {
    if (!mapping) continue;
    const file = mapping === program ? `${procRoot}/${pid}/exe` : `${procRoot}/${pid}/root${mapping.path}`;
    const found = Elf.use(file, (elf) => interpreterIn(elf, mapping));
    if (found) return inspection(found, file, versionIn(mapping.path));
  }
  return undefined;
}

function inspection(found: Interpreter, file: string, version: string | undefined): Inspection | undefined {
  const layout = version === undefined ? undefined : LAYOUTS.get(version);
  const kind = RUNTIME_KIND.python;
  if (!layout)
    return {
      kind,
      parameters: [],
      file,
      probes: [],
      shortcomings: [
        `calls are not linked by asyncio: where this CPython (${version ?? 'of unknown version'}) keeps its contexts is not known; it is for ${[...LAYOUTS.keys()].join(', ')}.`,
      ],
    };
  return {
    kind,
    parameters: [found.runtime + layout.key, layout.context, found.contextType].map(BigInt),
    file,
    probes: [{ program: 'python_context_copied', offset: found.copies, onReturn: true }],
    shortcomings: [],
  };
}

/** Undefined where the file is no CPython interpreter. */
function interpreterIn(elf: Elf, { start }: Mapping): Interpreter | undefined {
  if (elf.machine?.code !== X86_64) return undefined;
  const symbols = exportedSymbols(elf, SYMBOLS);
  const [runtime, contextType, copies] = SYMBOLS.map((name) => symbols.get(name));
  const text = elf.place('.text');
  if (runtime === undefined || contextType === undefined || copies === undefined || !text) return undefined;
  // A program at fixed addresses says them in full, whatever else says them from its start.
  const base = text.address >= start ? 0 : start;
  return {
    runtime: base + runtime,
    contextType: base + contextType,
    copies: text.offset + (copies - text.address),
  };
}
