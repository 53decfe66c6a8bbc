import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../common/child.ts';
import type { HelloWorld } from '../common/nginx.ts';
import { cpuNanos, residentBytes } from '../common/process-stat.ts';
import type { LoadResult } from '../common/wrk.ts';
import type { Counts, Request } from './agent.ts';
import type { Variant } from './variants.ts';

export type Agent = Child<Request, Counts>;

/** What was measured while one variant ran. */
export interface Segment extends LoadResult {
  /** CPU time of nginx for a request, nanoseconds. */
  readonly nginxNanos: number;
  /** CPU time of Spanloom for a request, nanoseconds, until it had handed on everything. */
  readonly agentNanos: number;
  /** Resident memory of Spanloom after the load, bytes. */
  readonly agentBytes: number;
  /** Requests that nginx began, by its own count. */
  readonly served: number;
  readonly messages: number;
  readonly lost: number;
}

const SETTLE_MS = 300;

/** Runs `load` against nginx while `agent`, where there is one, watches it in the way of `variant`. */
export async function runSegment(
  nginx: HelloWorld,
  variant: Variant,
  agent: Agent | undefined,
  load: () => Promise<LoadResult>,
): Promise<Segment> {
  const servedBefore = await nginx.requests();
  if (agent) await agent.ask({ do: 'start', runs: variant.runs, pids: [nginx.worker] });
  await sleep(SETTLE_MS);
  const agentBefore = agent ? cpuNanos(agent.pid) : 0;
  const nginxBefore = cpuNanos(nginx.worker);
  const result = await load();
  const nginxCpu = cpuNanos(nginx.worker) - nginxBefore;
  const agentBytes = agent ? residentBytes(agent.pid) : 0;
  const { messages, lost } = agent ? await agent.ask({ do: 'stop' }) : { messages: 0, lost: 0 };
  const agentCpu = agent ? cpuNanos(agent.pid) - agentBefore : 0;
  // The question itself is a request, too.
  const served = (await nginx.requests()) - servedBefore - 1;
  return {
    ...result,
    nginxNanos: nginxCpu / result.requests,
    agentNanos: agentCpu / result.requests,
    agentBytes,
    served,
    messages,
    lost,
  };
}
