import { vi } from 'vitest';
import { ThreadRule } from '../../src/correlate/link/thread.ts';
import type { ExchangeNode } from '../../src/correlate/node.ts';
import type { Process } from '../../src/receiver/ebpf/exchange.ts';

/** While `broken` says so, the rule `thread` takes for a call's cause the request that it last named for a call of the process. */
export function breakThread(broken: (process: Process) => boolean): void {
  const rightly = ThreadRule.prototype.cause;
  const latest = new WeakMap<Process, ExchangeNode>();
  vi.spyOn(ThreadRule.prototype, 'cause').mockImplementation(function (this: ThreadRule, client, thread) {
    const verdict = rightly.call(this, client, thread);
    if (verdict === undefined || !('cause' in verdict)) return verdict;
    const { process } = thread;
    const earlier = latest.get(process);
    latest.set(process, verdict.cause);
    return earlier && broken(process) ? { cause: earlier } : verdict;
  });
}
