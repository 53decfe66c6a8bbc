/**
 * Measures one shape and size in a process of its own; by hand, for profiling:
 *
 *     NODE_FLAGS='--cpu-prof' bench/run.sh scale/measure-process threads 10000
 */

import { readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ManualClock, SECOND } from '../../src/collector/clock.ts';
import { Counters } from '../../src/collector/counters.ts';
import { Correlator } from '../../src/correlate/correlator.ts';
import { correlateConfig, correlateOptions } from '../../src/processor/correlate/config.ts';
import { Tracker } from '../../src/receiver/ebpf/tracker/tracker.ts';
import { Load, type Shape } from './shapes.ts';

export interface Measured {
  /** CPU time of the whole process, garbage collection included. */
  readonly nanosASpan: number;
  /** Of that, what the main thread did while it did not stand still to collect garbage. */
  readonly workASpan: number;
  /** Of the heap after a full collection, what came with the open requests. */
  readonly bytesARequest: number;
  readonly heapBytes: number;
}

/** At least; and every open request has its turn, so that what is made once a connection has been made. */
const WARM_UP_STEPS = 30_000;
const STEPS = 50_000;
/** A thousandth of a second a step, so that as many traces are held and remembered whatever is open. */
const STEP = SECOND / 1000;
/** Steps that come in one drain of the ring. */
const DRAIN = 5;
const EPOCH = 1_790_000_000_000_000_000n;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Nanoseconds that the main thread has stood still to collect garbage. */
let paused = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) paused += duration * 1e6;
}).observe({ entryTypes: ['gc'] });
const observed = () => new Promise((resolve) => setTimeout(resolve, 10));

function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** CPU time of the main thread, nanoseconds (schedstat of proc(5)). */
function mainThread(): number {
  return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[0]);
}

async function measure(shape: Shape, requests: number): Promise<Measured> {
  const clock = new ManualClock(EPOCH);
  // Requests stay open until it is their turn, which is no question of age here.
  const config = correlateConfig.parse({ decision_wait: '2s', late_window: '2s', max_age: '1h' });
  let spans = 0;
  const counters = new Counters();
  const tracker = new Tracker(counters, 'ebpf');
  const correlator = new Correlator(clock, counters, 'scale', correlateOptions(config), (_, count) => {
    spans += count;
  });
  const drain = () => correlator.captured(tracker.take());
  const load = new Load(shape, requests, EPOCH, {
    process: (facts) => tracker.process(facts),
    event: (event) => tracker.event(event),
    otlp: (body) => {
      drain();
      correlator.received(body, undefined);
    },
  });
  const empty = heap();
  load.begin(clock.now());
  drain();
  const bytesARequest = (heap() - empty) / requests;
  const run = (steps: number) => {
    for (let i = 1; i <= steps; i++) {
      clock.advanceTo(clock.now() + STEP);
      load.step(clock.now());
      if (i % DRAIN === 0) drain();
    }
  };
  run(Math.max(WARM_UP_STEPS, requests));
  await observed();
  spans = 0;
  const before = { paused, main: mainThread(), cpu: process.cpuUsage(), time: performance.now() };
  run(STEPS);
  const { user, system } = process.cpuUsage(before.cpu);
  const main = mainThread() - before.main;
  const time = (performance.now() - before.time) * 1e6;
  await observed();
  return {
    nanosASpan: ((user + system) * 1000) / spans,
    workASpan: (main * (1 - (paused - before.paused) / time)) / spans,
    bytesARequest,
    heapBytes: heap(),
  };
}

const [shape, requests] = process.argv.slice(2);
const measured = await measure(shape as Shape, Number(requests));
if (process.send) process.send(measured);
else console.log(shape, requests, measured);
