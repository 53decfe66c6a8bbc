import { basename } from 'node:path/posix';
import type { Builds } from './build.ts';
import type { Runtime } from './facts.ts';
import { readMappedFiles } from './proc/libraries.ts';

const LIBRARIES: readonly (readonly [pattern: RegExp, runtime: Runtime])[] = [
  [/^libjvm\.so/, 'java'],
  [/^libcoreclr\.so/, 'dotnet'],
  [/^libnode\.so/, 'node'],
  [/^libpython\d[\w.]*\.so/, 'python'],
  [/^libruby[\w.-]*\.so/, 'ruby'],
];

const PROGRAMS: readonly (readonly [pattern: RegExp, runtime: Runtime])[] = [
  [/^(?:node|nodejs|bun|deno)$/, 'node'],
  [/^(?:python|pypy)[\d.]*$/, 'python'],
  [/^java$/, 'java'],
  [/^dotnet$/, 'dotnet'],
  [/^ruby[\d.]*$/, 'ruby'],
];

/**
 * The runtime that schedules work inside a process. Built-in runtimes are told by the program's file, embedded and
 * dynamically loaded ones by what is mapped; the name counts last, because anybody can use any name.
 *
 * Right after an exec the libraries are not mapped yet: what is read then must be read again a little later.
 */
export function readRuntime(procRoot: string, pid: number, executablePath: string, builds: Builds): Runtime {
  const built = builds.runtimeOf(`${procRoot}/${pid}/exe`);
  if (built !== undefined && built !== 'tokio') return built;
  const mapped = [...readMappedFiles(procRoot, pid)];
  for (const [pattern, runtime] of LIBRARIES) if (mapped.some((name) => pattern.test(name))) return runtime;
  const program = basename(executablePath);
  for (const [pattern, runtime] of PROGRAMS) if (pattern.test(program)) return runtime;
  return built ?? 'native';
}
