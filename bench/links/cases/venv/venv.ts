import { readFileSync } from 'node:fs';
import { inRepository } from '../../../common/repository.ts';
import { build, builtIn } from '../common/build.ts';
import { PYTHON } from '../common/python.ts';

/** Installs `requirements.txt` into a virtual environment that all cases with packages share. */
export function prepareVenv(cache: string): void {
  build(cache, {
    name: 'venv',
    command: 'sh',
    args: [
      '-ec',
      `rm -rf OUT; ${PYTHON} -m venv OUT; OUT/bin/pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt`,
    ],
  });
}

export function venvPython(cache: string): string {
  return `${builtIn(cache, 'venv')}/bin/python`;
}

/** `gunicorn 27.0.1`, as `requirements.txt` pins it. */
export function pinned(name: string): string {
  const requirements = readFileSync(inRepository('bench/links/cases/venv/requirements.txt'), 'utf8');
  return `${name} ${new RegExp(`^${name}==(.*)$`, 'm').exec(requirements)![1]}`;
}
