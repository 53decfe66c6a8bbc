import { readText } from './read.ts';

/** What `/proc/PID/status` says (proc_pid_status(5)). */
export interface Status {
  /** The pid in each pid namespace, outermost first; empty where not known. */
  readonly namespacePids: readonly number[];
  /** Effective user id. */
  readonly uid: number | undefined;
}

export function readStatus(procRoot: string, pid: number): Status {
  return parseStatus(readText(`${procRoot}/${pid}/status`, 16 * 1024) ?? '');
}

export function parseStatus(text: string): Status {
  return { namespacePids: numbers(text, 'NSpid'), uid: numbers(text, 'Uid')[1] };
}

function numbers(text: string, key: string): number[] {
  const line = new RegExp(`^${key}:((?:[ \\t]+\\d{1,10})+)$`, 'm').exec(text);
  return line ? line[1]!.trim().split(/\s+/).map(Number) : [];
}
