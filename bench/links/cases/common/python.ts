import type { Program } from '../../../../examples/shop/run/managed-process.ts';
import { inRepository } from '../../../common/repository.ts';
import type { Need } from '../../case.ts';
import { versionOf } from './build.ts';

const COMMON = inRepository('bench/links/cases/common');

/** Debian's own interpreter: the one that its python3-venv belongs to. */
export const PYTHON = '/usr/bin/python3';
export const NEEDS_PYTHON: Need = { program: PYTHON, from: 'Debian package python3' };

/** A Python program of a case, with the modules of `cases/common` to import. `script` is a path under `bench/links/cases`. */
export function pythonProgram(
  script: string,
  env: Readonly<Record<string, string | number>>,
  python = PYTHON,
): Omit<Program, 'logFile'> {
  return {
    name: script.replaceAll('/', '-'),
    command: python,
    args: [inRepository('bench/links/cases', script)],
    env: pythonEnv(env),
  };
}

export function pythonEnv(env: Readonly<Record<string, string | number>>): Record<string, string> {
  return {
    PYTHONPATH: COMMON,
    PYTHONDONTWRITEBYTECODE: '1',
    ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
  };
}

export function pythonVersion(): string {
  return versionOf(PYTHON, '--version');
}
