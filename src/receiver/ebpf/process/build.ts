import { type Stats, statSync } from 'node:fs';
import { Elf } from './elf.ts';
import type { Runtime } from './facts.ts';

const MAX_SYMBOL_NAMES = 16 * 1024 * 1024;
const MAX_CONSTANTS = 16 * 1024 * 1024;
const REMEMBERED = 512;

/** Any of them, because builds drop one or the other. */
const GO_SECTIONS = ['.go.buildinfo', '.gopclntab', '.note.go.buildid'];

/** Names that a program exports or imports when a runtime is built into it, or linked to it. */
const SYMBOLS: readonly (readonly [name: string, runtime: Runtime])[] = [
  // Node-API, which Node.js, Bun and Deno export to addons.
  ['\0napi_create_function\0', 'node'],
  ['\0Py_Initialize\0', 'python'],
  // The diagnostics contract of .NET single-file and ahead-of-time programs.
  ['\0DotNetRuntimeInfo\0', 'dotnet'],
  ['\0DotNetRuntimeDebugHeader\0', 'dotnet'],
  ['\0JNI_CreateJavaVM\0', 'java'],
  ['\0JLI_Launch\0', 'java'],
  ['\0ruby_init\0', 'ruby'],
];

/** What the program's file alone says about the runtime; remembered for each file. */
export class Builds {
  readonly #known = new Map<string, Runtime | undefined>();

  /** The runtime built into the program at `path`; undefined where nothing tells. */
  runtimeOf(path: string): Runtime | undefined {
    let stats: Stats;
    try {
      stats = statSync(path);
    } catch {
      return undefined;
    }
    if (!stats.isFile()) return undefined;
    const key = `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}`;
    if (!this.#known.has(key)) {
      if (this.#known.size >= REMEMBERED) this.#known.clear();
      this.#known.set(key, Elf.use(path, detect));
    }
    return this.#known.get(key);
  }
}

function detect(elf: Elf): Runtime | undefined {
  if (GO_SECTIONS.some((name) => elf.has(name))) return 'go';
  const names = elf.section('.dynstr', MAX_SYMBOL_NAMES);
  for (const [name, runtime] of SYMBOLS) if (names?.includes(name, 0, 'latin1')) return runtime;
  return usesTokio(elf) ? 'tokio' : undefined;
}

/** Rust keeps the source path of every place that can panic, in stripped programs too. */
function usesTokio(elf: Elf): boolean {
  const constants = elf.section('.rodata', MAX_CONSTANTS);
  if (!constants) return false;
  for (let at = constants.indexOf('tokio-'); at >= 0; at = constants.indexOf('tokio-', at + 1))
    if (/^tokio-\d+\.\d+\.\d+[^/]*\/src\/runtime\//.test(constants.toString('latin1', at, at + 64)))
      return true;
  return false;
}
