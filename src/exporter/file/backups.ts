import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

const STAMP = /^(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3})$/;

/** Puts the file aside as `name-<time>.ext`, and removes the oldest such files beyond `keep` (0: none). */
export async function putAside(path: string, keep: number, now: Date): Promise<void> {
  const times = await backupTimes(path);
  // Several within a millisecond, or a clock that was set back: names must stay different, and in order.
  const at = Math.max(now.getTime(), (times.at(-1) ?? 0) + 1);
  await rename(path, backupPath(path, at));
  times.push(at);
  if (keep === 0) return;
  for (const old of times.slice(0, Math.max(0, times.length - keep))) await rm(backupPath(path, old));
}

/** Unix milliseconds in the names of the files put aside, in ascending order. */
async function backupTimes(path: string): Promise<number[]> {
  const extension = extname(path);
  const prefix = `${basename(path, extension)}-`;
  const times: number[] = [];
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix) || !name.endsWith(extension)) continue;
    const stamp = STAMP.exec(name.slice(prefix.length, name.length - extension.length));
    const time = stamp ? Date.parse(`${stamp[1]}${stamp[2]}:${stamp[3]}:${stamp[4]}Z`) : Number.NaN;
    if (!Number.isNaN(time)) times.push(time);
  }
  return times.sort((a, b) => a - b);
}

function backupPath(path: string, atMs: number): string {
  const extension = extname(path);
  const stamp = new Date(atMs).toISOString().slice(0, -1).replaceAll(':', '-');
  return join(dirname(path), `${basename(path, extension)}-${stamp}${extension}`);
}
