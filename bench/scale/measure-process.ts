/**
 * Measures one shape and size in a process of its own; by hand, for profiling:
 *
 *     NODE_FLAGS='--expose-gc --cpu-prof' bench/run.sh scale/measure-process threads 10000
 */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ManualClock, SECOND } from '../../src/collector/clock.ts';
import { Counters } from '../../src/collector/counters.ts';
import { Correlator } from '../../src/correlate/correlator.ts';
import { correlateConfig, correlateOptions } from '../../src/processor/correlate/config.ts';
import { Load, type Shape } from './shapes.ts';

export interface Measured {
  /** CPU time of the whole process, garbage collection included. */
  readonly nanosASpan: number;
  /** Of the heap after a full collection, what came with the open requests. */
  readonly bytesARequest: number;
  readonly heapBytes: number;
}

/** At least; and every open request has its turn, so that what is made once a connection has been made. */
const WARM_UP_STEPS = 30_000;
const STEPS = 50_000;
/** A thousandth of a second a step, so that as many traces are held and remembered whatever is open. */
const STEP = SECOND / 1000;
const EPOCH = 1_790_000_000_000_000_000n;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function measure(shape: Shape, requests: number): Measured {
  const clock = new ManualClock(EPOCH);
  // Requests stay open until it is their turn, which is no question of age here.
  const config = correlateConfig.parse({ decision_wait: '2s', late_window: '2s', max_age: '1h' });
  let spans = 0;
  const correlator = new Correlator(clock, new Counters(), 'scale', correlateOptions(config), (_, count) => {
    spans += count;
  });
  const load = new Load(shape, requests);
  const empty = heap();
  correlator.captured(load.begin(clock.now()));
  const bytesARequest = (heap() - empty) / requests;
  const run = (steps: number) => {
    for (let i = 0; i < steps; i++) {
      clock.advanceTo(clock.now() + STEP);
      correlator.captured(load.step(clock.now()));
    }
  };
  run(Math.max(WARM_UP_STEPS, requests));
  spans = 0;
  const before = process.cpuUsage();
  run(STEPS);
  const { user, system } = process.cpuUsage(before);
  return { nanosASpan: ((user + system) * 1000) / spans, bytesARequest, heapBytes: heap() };
}

const [shape, requests] = process.argv.slice(2);
const measured = measure(shape as Shape, Number(requests));
if (process.send) process.send(measured);
else console.log(shape, requests, measured);
