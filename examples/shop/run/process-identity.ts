import { readdirSync, readFileSync } from 'node:fs';

/** Names a process for as long as the machine runs: a pid alone is used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, field 22 of `/proc/PID/stat` (proc(5)). */
  readonly startTime: string;
}

interface Stat extends ProcessIdentity {
  readonly parent: number;
}

function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(fields[1]), startTime: fields[19]! };
  } catch {
    return undefined;
  }
}

/** The identity of a running process; undefined when there is none with this pid. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  return stat && { pid, startTime: stat.startTime };
}

/** The running processes that `pid` started itself, in order of pid. */
export function childProcesses(pid: number): ProcessIdentity[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== undefined && stat.parent === pid)
    .map((stat) => ({ pid: stat!.pid, startTime: stat!.startTime }))
    .sort((a, b) => a.pid - b.pid);
}
