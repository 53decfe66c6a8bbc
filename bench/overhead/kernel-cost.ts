/** The difference of two readings of the kernel's statistics of a BPF program. */
export interface RunStats {
  readonly runTimeNanos: number;
  readonly runCount: number;
}

/** Programs that run for a message, by its direction; one that the kernel has not is missing in the statistics. */
export const PROGRAMS_OF = {
  receive: ['sk_data_ready', 'sock_recv_length'],
  send: ['tcp_sendmsg_locked', 'sock_send_length'],
} as const;

export type Direction = keyof typeof PROGRAMS_OF;

/** What ran while something was or was not captured. */
export interface Phase {
  readonly programs: Readonly<Record<string, RunStats>>;
  readonly empty: RunStats;
  /** Messages captured. */
  readonly messages: Readonly<Record<Direction, number>>;
}

export interface ProgramCost {
  readonly program: string;
  readonly direction: Direction;
  /** Nanoseconds for a run on behalf of a process that is not captured. */
  readonly rejected: number;
  /** Nanoseconds for each message captured. */
  readonly captured: number;
}

/**
 * The cost of each program, net of what an empty one costs in the same phase.
 *
 * The programs run for both ends of each connection, of which only one is captured: of a program's time in `capturing`
 * that of the other runs is taken off, as it was in `idle`, when nothing was captured.
 */
export function programCosts(idle: Phase, capturing: Phase): ProgramCost[] {
  return (Object.keys(PROGRAMS_OF) as Direction[]).flatMap((direction) =>
    PROGRAMS_OF[direction].flatMap((program) => {
      const before = idle.programs[program];
      const during = capturing.programs[program];
      if (!before || !during) return [];
      const rejected = net(before, idle.empty) / before.runCount;
      const messages = capturing.messages[direction];
      const rejectedRuns = Math.max(0, during.runCount - messages);
      const captured = (net(during, capturing.empty) - rejectedRuns * rejected) / messages;
      return [{ program, direction, rejected, captured }];
    }),
  );
}

/** Nanoseconds a message, the mean of both directions as they occurred. */
export function costOfMessage(costs: readonly ProgramCost[], messages: Phase['messages']): number {
  const total = costs.reduce((sum, cost) => sum + cost.captured * messages[cost.direction], 0);
  return total / (messages.receive + messages.send);
}

function net(stats: RunStats, empty: RunStats): number {
  return stats.runTimeNanos - (stats.runCount * empty.runTimeNanos) / empty.runCount;
}

export function difference(after: RunStats, before: RunStats): RunStats {
  return {
    runTimeNanos: after.runTimeNanos - before.runTimeNanos,
    runCount: after.runCount - before.runCount,
  };
}
