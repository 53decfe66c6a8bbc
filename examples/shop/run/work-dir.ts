import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder that other accounts may enter: servers give up root's rights and still read their own files in it. */
export function makeWorkDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'spanloom-shop-'));
  chmodSync(directory, 0o755);
  return directory;
}

export function removeWorkDir(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}
