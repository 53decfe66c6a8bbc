import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

const STAMP = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/;

/** Puts the file aside as `name-<time>.ext`, and removes the oldest such files beyond `keep` (0: none). */
export async function putAside(path: string, keep: number, now: Date): Promise<void> {
  const aside = await backups(path);
  const at = now.getTime();
  // Several within a millisecond, or a clock that was set back: names must stay different, and in order.
  const last = aside.at(-1);
  const at = last === undefined ? now.getTime() : Math.max(now.getTime(), timeOf(path, last) + 1);
  const name = backupName(path, at);
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

function backupName(path: string, atMs: number): string {
  const extension = extname(path);
  const stamp = new Date(atMs).toISOString().slice(0, -1).replaceAll(':', '-');
  return `${basename(path, extension)}-${stamp}${extension}`;
}

/** The time in the name of a file put aside, in milliseconds. */
function timeOf(path: string, name: string): number {
  const extension = extname(path);
  const stamp = name.slice(basename(path, extension).length + 1, name.length - extension.length);
  const [day, clock] = stamp.split('T');
  return Date.parse(`${day}T${clock!.replaceAll('-', ':')}Z`);
}
