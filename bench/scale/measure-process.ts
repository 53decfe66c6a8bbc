/**
 * Measures one shape and size in a process of its own; by hand, for profiling:
 *
 *     NODE_FLAGS='--cpu-prof' bench/run.sh scale/measure-process threads 10000 [MAX_SPANS]
 */

import { readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ManualClock, SECOND } from '../../src/collector/clock.ts';
import { Counters } from '../../src/collector/counters.ts';
import { Correlator } from '../../src/correlate/correlator.ts';
import { correlateConfig, correlateOptions } from '../../src/processor/correlate/config.ts';
import type { Activity } from '../../src/receiver/ebpf/exchange.ts';
import { Tracker } from '../../src/receiver/ebpf/tracker/tracker.ts';
import { Load, type Shape } from './shapes.ts';

export interface Measured {
  /** CPU time of the whole process, garbage collection included. */
  readonly nanosASpan: number;
  /** Of that, what the main thread did while it did not stand still to collect garbage. */
  readonly workASpan: number;
  /** After a full collection. */
  readonly heapBytes: number;
  /** Of the heap, what the merge holds and nobody else. */
  readonly mergeBytes: number;
  /** Traces that had to leave early because there was too much. */
  readonly pushedOut: number;
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

/** Time, and the merge that goes by it: apart from what feeds it, to be let go of. */
class Merge {
  readonly clock = new ManualClock(EPOCH);
  readonly #correlator: Correlator;
  spans = 0;

  constructor(counters: Counters, maxSpans: number) {
    // Requests stay open until it is their turn, which is no question of age here.
    const limits = { decision_wait: '2s', late_window: '2s', max_age: '1h', max_spans: maxSpans };
    const options = correlateOptions(correlateConfig.parse(limits));
    this.#correlator = new Correlator(this.clock, counters, 'scale', options, (_, count) => {
      this.spans += count;
    });
  }

  captured(activities: readonly Activity[]): void {
    this.#correlator.captured(activities);
  }

  received(body: Uint8Array): void {
    this.#correlator.received(body, undefined);
  }
}

async function measure(shape: Shape, requests: number, maxSpans: number): Promise<Measured> {
  const counters = new Counters();
  const tracker = new Tracker(counters, 'ebpf');
  let merge: Merge | undefined = new Merge(counters, maxSpans);
  const drain = () => merge!.captured(tracker.take());
  const load = new Load(shape, requests, EPOCH, {
    process: (facts) => tracker.process(facts),
    event: (event) => tracker.event(event),
    otlp: (body) => {
      drain();
      merge!.received(body);
    },
  });
  load.begin(merge.clock.now());
  drain();
  const run = (steps: number) => {
    const { clock } = merge!;
    for (let i = 1; i <= steps; i++) {
      clock.advanceTo(clock.now() + STEP);
      load.step(clock.now());
      if (i % DRAIN === 0) drain();
    }
  };
  run(Math.max(WARM_UP_STEPS, requests));
  collectGarbage();
  await observed();
  merge.spans = 0;
  const before = { paused, main: mainThread(), cpu: process.cpuUsage(), time: performance.now() };
  run(STEPS);
  const { user, system } = process.cpuUsage(before.cpu);
  const main = mainThread() - before.main;
  const time = (performance.now() - before.time) * 1e6;
  await observed();
  const { spans } = merge;
  const heapBytes = heap();
  merge = undefined;
  const mergeBytes = heapBytes - heap();
  const pushedOut = counters.counter('spanloom_correlate_pushed_out_trees', { processor: 'scale' }).value;
  const nanosASpan = ((user + system) * 1000) / spans;
  const workASpan = (main * (1 - (paused - before.paused) / time)) / spans;
  // Whatever else is let go of at the end of the function counts as held.
  load.end();
  return { nanosASpan, workASpan, heapBytes, mergeBytes, pushedOut };
}

const [shape, requests, maxSpans = '500000'] = process.argv.slice(2);
const measured = await measure(shape as Shape, Number(requests), Number(maxSpans));
if (process.send) process.send(measured);
else console.log(shape, requests, measured);
