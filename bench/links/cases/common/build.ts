import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from '../../../common/repository.ts';

export interface Build {
  /** Names the folder in the cache, and the one of the sources under `bench/links/cases`. */
  readonly name: string;
  /** Run in the folder of the sources; `OUT` is replaced by the folder of the result. */
  readonly command: string;
  readonly args: readonly string[];
}

/** Where a build leaves its result. */
export function builtIn(cache: string, name: string): string {
  return join(cache, name);
}

/** Runs a compiler or an installer unless its sources and its command are what they were. */
export function build(cache: string, { name, command, args }: Build): void {
  const sources = inRepository('bench/links/cases', name);
  const out = builtIn(cache, name);
  const filled = args.map((arg) => arg.replaceAll('OUT', out));
  const hash = createHash('sha256').update(JSON.stringify([command, filled]));
  for (const file of readdirSync(sources).sort())
    if (!file.endsWith('.ts')) hash.update(readFileSync(join(sources, file)));
  const stamp = join(out, 'stamp');
  const wanted = hash.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  mkdirSync(out, { recursive: true });
  execFileSync(command, filled, { cwd: sources, stdio: ['ignore', 'inherit', 'inherit'] });
  writeFileSync(stamp, wanted);
}

/** The first line a program prints about itself. */
export function versionOf(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    .split('\n')[0]!
    .trim();
}
