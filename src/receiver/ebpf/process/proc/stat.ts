import { ticksToNanos } from '../start-time.ts';
import { readText } from './read.ts';

/** PF_KTHREAD and PF_EXITING of the kernel's `include/linux/sched.h`. What is exiting has no program any more. */
const KERNEL_THREAD = 0x00200000;
const EXITING = 0x00000004;

/** What `/proc/PID/stat` says (proc_pid_stat(5)). */
export interface Stat {
  /** Name of the thread group leader, at most 15 bytes. */
  readonly comm: string;
  readonly parentPid: number;
  /** Nanoseconds on the boot clock, cut to clock ticks. */
  readonly startTime: number;
}

/** Undefined for what is no running program: vanished, ending, a zombie, a kernel thread. */
export function readStat(procRoot: string, pid: number): Stat | undefined {
  const text = readText(`${procRoot}/${pid}/stat`, 2048);
  return text === undefined ? undefined : parseStat(text);
}

export function parseStat(text: string): Stat | undefined {
  // The name is whatever the process calls itself, parentheses and blanks included; what follows has none.
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  // From field 3 (state) on.
  const fields = text.slice(close + 2).split(' ');
  const state = fields[0]!;
  const parentPid = Number(fields[1]);
  const flags = Number(fields[6]);
  const startTicks = Number(fields[19]);
  if (!Number.isSafeInteger(parentPid) || !Number.isSafeInteger(flags) || !Number.isSafeInteger(startTicks))
    return undefined;
  if (state === 'Z' || state === 'X' || (flags & (KERNEL_THREAD | EXITING)) !== 0) return undefined;
  return { comm: text.slice(open + 1, close), parentPid, startTime: ticksToNanos(startTicks) };
}
