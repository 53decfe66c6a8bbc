import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place, Running } from './case.ts';
import { isBackground, isWarmUp, labelsIn } from './label.ts';

const STEP_MS = 100;
/** Records are complete when none was added for this long. */
const QUIET_STEPS = 4;
const MOST_STEPS = 100;

/** Reads programs' records while they are written. */
export class CallRecords {
  readonly #place: Place;
  readonly #running: Running;
  #earlier: ReadonlySet<string> = new Set();

  constructor(place: Place, running: Running) {
    this.#place = place;
    this.#running = running;
  }

  /** What was recorded so far belongs to no capture. */
  captureBegins(): void {
    this.#earlier = new Set(this.#all());
  }

  /** Labels of the calls made since the capture began, when programs have come to rest. */
  async complete(): Promise<string[]> {
    let calls = this.#ofRun();
    for (let quiet = 0, step = 0; quiet < QUIET_STEPS && step < MOST_STEPS; step++) {
      await sleep(STEP_MS);
      const now = this.#ofRun();
      // A background job never comes to rest.
      quiet = ofRequests(now) === ofRequests(calls) ? quiet + 1 : 0;
      calls = now;
    }
    return calls;
  }

  #ofRun(): string[] {
    return this.#all().filter((label) => !isWarmUp(label) && !this.#earlier.has(label));
  }

  #all(): readonly string[] {
    return this.#running.calls?.() ?? recordedLabels(this.#place);
  }
}

/** Every label that programs wrote down so far. */
export function recordedLabels({ records }: Pick<Place, 'records'>): string[] {
  return readdirSync(records).flatMap((name) => labelsIn(readFileSync(join(records, name), 'latin1')));
}

function ofRequests(calls: readonly string[]): number {
  return calls.filter((label) => !isBackground(label)).length;
}
