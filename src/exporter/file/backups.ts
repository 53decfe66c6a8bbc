import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

const STAMP = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}(?:-\d+)?$/;

/** Puts the file aside as `name-<time>.ext`, and removes the oldest such files beyond `keep` (0: none). */
export async function putAside(path: string, keep: number, now: Date): Promise<void> {
  const aside = await backups(path);
  const stamp = now.toISOString().slice(0, -1).replaceAll(':', '-');
  let name = backupName(path, stamp);
  // Two within a millisecond: the later name must also sort later.
  for (let i = 1; aside.includes(name); i++)
    name = backupName(path, `${stamp}-${String(i).padStart(4, '0')}`);
  await rename(path, join(dirname(path), name));
  if (keep === 0) return;
  const all = [...aside, name].sort();
  for (const old of all.slice(0, Math.max(0, all.length - keep))) await rm(join(dirname(path), old));
}

/** Names of the files put aside, oldest first. */
async function backups(path: string): Promise<string[]> {
  const extension = extname(path);
  const prefix = `${basename(path, extension)}-`;
  const names = await readdir(dirname(path));
  return names
    .filter(
      (name) =>
        name.startsWith(prefix) &&
        name.endsWith(extension) &&
        STAMP.test(name.slice(prefix.length, name.length - extension.length)),
    )
    .sort();
}

function backupName(path: string, stamp: string): string {
  const extension = extname(path);
  return `${basename(path, extension)}-${stamp}${extension}`;
}
