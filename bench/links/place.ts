import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import { ManagedProcess } from '../../examples/shop/run/managed-process.ts';
import {
  childProcesses,
  type ProcessIdentity,
  processIdentity,
} from '../../examples/shop/run/process-identity.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { inRepository } from '../common/repository.ts';
import type { Place, Variant } from './case.ts';
import { startUpstream } from './upstream.ts';

/** What `prepare` of all cases share. */
export const CACHE = inRepository('.cache/links');

/** A place for one run of one case, and its end. */
export interface OwnedPlace extends Place {
  /** Ends everything that was started, and its descendants; leaves nothing behind. */
  stop(): Promise<void>;
}

const PATIENCE_MS = 5000;

export function makePlace(variant: Variant, concurrency: number): OwnedPlace {
  const workDir = makeWorkDir();
  const records = join(workDir, 'records');
  mkdirSync(records);
  // Servers that give up root's rights write here too.
  chmodSync(records, 0o777);
  const stops: (() => Promise<void> | void)[] = [];
  return {
    workDir,
    records,
    cache: CACHE,
    variant,
    concurrency,
    ports: freePorts,
    start: async (program, listensOn) => {
      const started = new ManagedProcess({
        ...program,
        env: { RECORDS: records, ...program.env },
        logFile: join(workDir, `${program.name}.log`),
      });
      stops.push(() => end(started));
      if (listensOn !== undefined) await started.listening(listensOn);
      return started;
    },
    upstream: async (options) => {
      const upstream = await startUpstream((await freePorts(1))[0]!, options);
      stops.push(() => upstream.stop());
      return upstream;
    },
    onStop: (stop) => stops.push(stop),
    stop: async () => {
      const failures: unknown[] = [];
      for (const stop of stops.reverse().splice(0))
        try {
          await stop();
        } catch (error) {
          failures.push(error);
        }
      removeWorkDir(workDir);
      if (failures.length > 0) throw new AggregateError(failures, 'not everything could be stopped');
    },
  };
}

/** A program that ends without its workers leaves them to nobody. */
async function end(started: ManagedProcess): Promise<void> {
  const family = started.exit === undefined ? descendants(started.pid) : [];
  await started.stop('SIGTERM', PATIENCE_MS);
  for (const { pid, startTime } of family)
    if (processIdentity(pid)?.startTime === startTime) process.kill(pid, 'SIGKILL');
}

function descendants(pid: number): ProcessIdentity[] {
  return childProcesses(pid).flatMap((child) => [child, ...descendants(child.pid)]);
}
