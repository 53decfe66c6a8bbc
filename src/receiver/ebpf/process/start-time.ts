/**
 * Start times, as two sides of the kernel tell them.
 *
 * BPF programs read `task->start_boottime`: nanoseconds on the boot clock. /proc/PID/stat shows the same value cut
 * to ticks of USER_HZ, which is 100 on every architecture Spanloom runs on. `ProcessFacts.startTime` holds the cut
 * value, so that it is the same wherever it was read; the kernel's is cut before the two are compared. A number can
 * not be given out twice within one tick: that takes a round through all pids.
 */
const TICK_NANOS = 10_000_000;

export function ticksToNanos(ticks: number): number {
  return ticks * TICK_NANOS;
}

/** Cuts a time of the boot clock, in nanoseconds, to what /proc would show of it, in nanoseconds. */
export function truncateToTick(nanos: number): number {
  return Math.floor(nanos / TICK_NANOS) * TICK_NANOS;
}

/** Whether a kernel record's (pid, start of its thread group leader in nanoseconds) names the process of `facts`. */
export function sameProcess(
  facts: { readonly pid: number; readonly startTime: number },
  pid: number,
  processStart: number,
): boolean {
  return facts.pid === pid && facts.startTime === truncateToTick(processStart);
}
