import { execFileSync } from 'node:child_process';
import type { Program } from '../../../../examples/shop/run/managed-process.ts';
import { inRepository } from '../../../common/repository.ts';
import type { Need } from '../../case.ts';

const COMMON = inRepository('bench/links/cases/common');

export const NEEDS_PYTHON: Need = { program: 'python3', from: 'Debian package python3' };

/** A Python program of a case, with `calls.py` to import. `script` is a path under `bench/links/cases`. */
export function pythonProgram(
  script: string,
  env: Readonly<Record<string, string | number>>,
  python = 'python3',
): Omit<Program, 'logFile'> {
  return {
    name: script.replaceAll('/', '-'),
    command: python,
    args: [inRepository('bench/links/cases', script)],
    env: {
      PYTHONPATH: COMMON,
      PYTHONDONTWRITEBYTECODE: '1',
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
    },
  };
}

export function pythonVersion(python = 'python3'): string {
  return execFileSync(python, ['--version'], { encoding: 'utf8' }).trim();
}
