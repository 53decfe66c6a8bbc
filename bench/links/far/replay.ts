import { MILLISECOND, type Nanos, SECOND } from '../../../src/collector/clock.ts';
import { MeetingPlace } from '../../../src/correlate/rendezvous/memory.ts';
import type { LabelPlaces } from '../label-places.ts';
import { PipelineReplay } from '../pipeline-replay.ts';
import { Lockstep } from './lockstep.ts';

export interface FarReplayOptions {
  /** The recordings of the hosts. */
  readonly files: readonly [string, string];
  readonly correlate?: Readonly<Record<string, unknown>>;
  readonly without?: readonly [LabelPlaces, LabelPlaces];
}

/** Until all that is decided on one host, and waited for on the other, has left. */
const AFTERWARDS: Nanos = 60 * SECOND;
const STEP: Nanos = 100 * MILLISECOND;

/** Runs the recordings of two hosts side by side, as they were made, through pipelines that meet in memory. */
export async function replayHosts({
  files,
  correlate = {},
  without,
}: FarReplayOptions): Promise<readonly [PipelineReplay, PipelineReplay]> {
  const lockstep = new Lockstep(files.length);
  const place = new MeetingPlace();
  const pipeline = (who: 0 | 1) =>
    new PipelineReplay({
      file: files[who],
      correlate,
      without: without?.[who],
      place,
      pace: (time) => lockstep.step(who, time),
    });
  const hosts = [pipeline(0), pipeline(1)] as const;
  await Promise.all(hosts.map((host, who) => host.run().finally(() => lockstep.finished(who))));
  for (let passed = 0; passed < AFTERWARDS; passed += STEP)
    for (const { clock } of hosts) clock.advanceTo(clock.now() + STEP);
  for (const host of hosts) host.finish();
  return hosts;
}
