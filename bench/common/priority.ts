import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Raises the priority of this process and of all it will start, so that other work on the machine disturbs less; what
 * is measured still shares the CPUs evenly. Needs root; without, everything stays as it is.
 */
export function raisePriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGH);
    // Where sessions are scheduled as groups (sched(7), autogroup) the session's own priority counts.
    writeFileSync('/proc/self/autogroup', String(constants.priority.PRIORITY_HIGH));
  } catch {
    console.warn('The priority can not be raised (run as root): other work will disturb more.');
  }
}
