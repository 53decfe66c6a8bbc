import { readdirSync, readFileSync } from 'node:fs';

function readStat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(fields[1]), startTime: fields[19] };
  } catch {
    return undefined;
  }
}
/** The identity of a running process; undefined when there is none with this pid. */
export function processIdentity(pid) {
  const stat = readStat(pid);
  return stat && { pid, startTime: stat.startTime };
}
/** The running processes that `pid` started itself, in order of pid. */
export function childProcesses(pid) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined && stat.parent === pid)
    .map((stat) => ({ pid: stat.pid, startTime: stat.startTime }))
    .sort((a, b) => a.pid - b.pid);
}
