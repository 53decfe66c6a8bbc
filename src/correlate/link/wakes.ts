import type { Activity } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import type { ActiveRequests } from './active-requests.ts';

/** linux/futex.h */
const FUTEX_WAIT = 0;
const FUTEX_PRIVATE_FLAG = 128;
const FUTEX_CLOCK_REALTIME = 256;

/**
 * The request whose thread waited for somebody's result and was woken, as far as the wait tells; undefined for the
 * wakes of which it is known that they are none of a result.
 *
 * glibc waits for a mutex with FUTEX_WAIT, for conditions, semaphores and futures with others. CPython's wait for the
 * interpreter lock has a time limit, its wait for a result has one only if the program asks for that.
 */
export function wokenRequest(
  { woken, waitOperation, timed }: Activity & { type: 'wake' },
  active: ActiveRequests,
): ExchangeNode | undefined {
  if ((waitOperation & ~FUTEX_CLOCK_REALTIME) === (FUTEX_WAIT | FUTEX_PRIVATE_FLAG)) return undefined;
  if (timed && woken.process.facts.runtime === 'python') return undefined;
  return active.only(woken);
}
