import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSpanloom } from '../../examples/shop/run/spanloom.ts';
import type { LabelledRequest, LinkCase, Variant } from './case.ts';
import { type CapturedFar, startFar } from './far/capture.ts';
import { requestLabel, warmUpLabel } from './label.ts';
import { makePlace, type OwnedPlace } from './place.ts';
import { CallRecords } from './records.ts';
import { writeConfig } from './spanloom-config.ts';

/** One row: a case in one variant at one concurrency. */
export interface CellId {
  readonly linkCase: LinkCase;
  readonly variant: Variant;
  readonly concurrency: number;
}

/** A recorded run. */
export interface Captured {
  /** The recording; valid until `use` of `captureCell` returns. */
  readonly file: string;
  readonly requests: number;
  /** Labels of the calls that the programs recorded. */
  readonly calls: readonly string[];
  /** Of these: for requests whose trace no SDK keeps. */
  readonly sampledOut: readonly string[];
  readonly correlate: Readonly<Record<string, unknown>>;
  readonly far: CapturedFar | undefined;
}

const PATHS = 300;
const WARM_UP_LEAST = 40;
const SELECTION_MS = 300;
const SETTLE_MS = 300;
/** A cell that takes longer has failed. */
const LIMIT_MS = 120_000;
const LIMIT_PER_CALL_MS = 25;

/** Starts a case, captures while about `calls` calls are made, hands the recording to `use`, and ends everything. */
export async function captureCell<T>(
  cell: CellId,
  calls: number,
  use: (captured: Captured) => Promise<T>,
): Promise<T> {
  const place = makePlace(cell.variant, cell.concurrency);
  const limit = LIMIT_MS + calls * LIMIT_PER_CALL_MS;
  try {
    return await use(await within(limit, (signal) => run(cell, calls, place, signal)));
  } finally {
    await place.stop();
  }
}

async function run(
  { linkCase, variant, concurrency }: CellId,
  calls: number,
  place: OwnedPlace,
  signal: AbortSignal,
): Promise<Captured> {
  const running = await linkCase.start(place);
  const records = new CallRecords(place, running);
  if (!running.otlp) {
    const warmUp = Math.max(WARM_UP_LEAST, 2 * concurrency);
    await running.load({ requests: makeRequests(warmUp, variant, warmUpLabel), concurrency, signal });
    await records.complete();
  }

  const file = join(place.workDir, 'capture.rec');
  const requests = makeRequests(Math.ceil(calls / (linkCase.callsPerRequest ?? 1)), variant, requestLabel);
  const meet = running.far?.rendezvous && { rendezvous: running.far.rendezvous };
  const spanloom = await startSpanloom({
    configFile: writeConfig(place.workDir, 'spanloom', { ...running, record: file, ...meet }),
    logFile: join(place.workDir, 'spanloom.log'),
  });
  // Where the time is over before the load notices.
  place.onStop(() => spanloom.stop());
  const far = running.far && (await startFar(place, running.far));
  try {
    await sleep(running.selectionMs ?? SELECTION_MS);
    records.captureBegins();
    await running.load({ requests, concurrency, signal });
    const made = await records.complete();
    await sleep(running.settleMs ?? SETTLE_MS);
    if (spanloom.exit !== undefined) throw spanloom.failure(spanloom.exit);
    await spanloom.stop();
    return {
      file,
      requests: requests.length,
      calls: made,
      sampledOut: running.sampledOut?.() ?? [],
      correlate: running.correlate ?? {},
      far: await far?.stop(),
    };
  } finally {
    await spanloom.stop();
  }
}

function makeRequests(
  count: number,
  { targets }: Variant,
  label: (number: number) => string,
): LabelledRequest[] {
  return Array.from({ length: count }, (_, i) => ({
    label: label(i + 1),
    path: `/item/${targets === 'equal' ? 0 : Math.floor(Math.random() * PATHS)}`,
  }));
}

/** `work` is told by the signal when its time is over, and is not waited for any longer. */
async function within<T>(limitMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController();
  // Every request under way listens.
  setMaxListeners(0, over.signal);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the run took longer than ${Math.round(limitMs / 1000)} s`));
      over.abort();
    }, limitMs);
  });
  try {
    return await Promise.race([work(over.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
