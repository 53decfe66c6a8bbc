import { pino } from 'pino';
import { SystemClock } from '../../../src/collector/clock.ts';
import type { Settings } from '../../../src/collector/component.ts';
import { Counters } from '../../../src/collector/counters.ts';
import { OtlpBatch } from '../../../src/otlp/batch.ts';

export interface Harness {
  readonly settings: Settings;
  /** Log lines as objects, from `debug` on. */
  readonly logs: { readonly level: number; readonly msg: string }[];
  /** Value of a counter of this exporter. */
  count(name: string): number;
}

/** Settings of a component under test, and what it logged and counted. */
export function harness(id = 'otlp'): Harness {
  const logs: { level: number; msg: string }[] = [];
  const counters = new Counters();
  const instances = new Map<string, unknown>();
  return {
    logs,
    count: (name) => {
      const found = [...counters.entries()].filter((entry) => entry.name === name);
      return found.reduce((sum, { value }) => sum + value, 0);
    },
    settings: {
      id,
      logger: pino({ level: 'debug' }, { write: (line) => logs.push(JSON.parse(line)) }),
      clock: new SystemClock(),
      counters,
      buildInfo: { command: 'spanloom', version: '1.2.3' },
      taps: new Set(),
      shared<T>(make: () => T): T {
        if (!instances.has(id)) instances.set(id, make());
        return instances.get(id) as T;
      },
    },
  };
}

/** A batch whose body is recognised again at the other end; the transports never look inside. */
export function batch(label: string, itemCount = 1): OtlpBatch {
  return new OtlpBatch(Buffer.from(label), itemCount);
}

/** Resolves when `condition` holds; the test's own timeout bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
