/**
 * Replays a recording through one stage. As a child process it does a round whenever it is asked to; by hand, which is
 * for profiling, it does a number of rounds:
 *
 *     NODE_FLAGS=--cpu-prof bench/run.sh replay/stage-process correlate 20
 */

import { loadFrames } from './frames.ts';
import { EXCHANGES, recording } from './make-recording.ts';
import { STAGES, type StageName, type Work } from './stages.ts';

/** One round: what was done, and the CPU time of the whole process for it, garbage collection included. */
export interface Round extends Work {
  readonly cpuSeconds: number;
}

const [name, rounds] = process.argv.slice(2);
const stage = STAGES[name as StageName];
const frames = await loadFrames((await recording()).file, 2 * EXCHANGES);

function round(): Round {
  const before = process.cpuUsage();
  const work = stage(frames);
  const { user, system } = process.cpuUsage(before);
  return { ...work, cpuSeconds: (user + system) / 1e6 };
}

if (process.send) {
  process.on('message', () => process.send!(round()));
  process.send({});
} else
  for (let i = 0; i < Number(rounds); i++) {
    const { messages, spans, cpuSeconds } = round();
    console.log(`${Math.round(messages / cpuSeconds)} messages/s, ${Math.round(spans / cpuSeconds)} spans/s`);
  }
