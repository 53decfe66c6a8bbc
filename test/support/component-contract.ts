import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { SystemClock } from '../../src/collector/clock.ts';
import type { Component, Factories, Host, Settings, Signal } from '../../src/collector/component.ts';
import { Counters } from '../../src/collector/counters.ts';
import { type Batch, OtlpBatch } from '../../src/otlp/batch.ts';

type Kind = 'receiver' | 'processor' | 'exporter';
type AnyFactory = Factories['receivers' | 'processors' | 'exporters'][number];

type Create = (settings: Settings, config: unknown, next: object) => Component & Record<string, unknown>;

/** A component as its factory makes it, and the batches it hands on. */
interface Made {
  readonly component: Component & Record<string, unknown>;
  readonly passedOn: Batch[];
  readonly counters: Counters;
}

const METHOD = { traces: 'Traces', metrics: 'Metrics', logs: 'Logs' } as const;
const SIGNALS = Object.keys(METHOD) as Signal[];

const host: Host = {
  fatal(error) {
    throw error;
  },
  finished() {},
};

/**
 * What the collector relies on, run over a factory: its components survive every order of `start` and `shutdown` the
 * collector can produce, hand nothing on after `shutdown`, and lose nothing that they accepted before it.
 *
 * @param config makes a section that works on this machine, without privileges and without fixed ports
 */
export function testComponentContract(kind: Kind, factory: AnyFactory, config: () => unknown): void {
  const create = (signal: Signal) => Reflect.get(factory, `create${METHOD[signal]}`) as Create | undefined;
  const signals = SIGNALS.filter((signal) => create(signal) !== undefined);

  function make(signal: Signal): Made {
    const passedOn: Batch[] = [];
    const consume = async (batch: Batch) => {
      passedOn.push(batch);
    };
    const next = { consumeTraces: consume, consumeMetrics: consume, consumeLogs: consume };
    const settings = testSettings(`${factory.type}/contract`);
    const component = create(signal)!(settings, factory.config.parse(config()), next);
    return { component, passedOn, counters: settings.counters };
  }

  describe(`${kind} ${factory.type}`, () => {
    it('has a type in lower_snake_case and supports a signal', () => {
      expect(factory.type).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(signals).not.toEqual([]);
    });

    it('refuses keys it does not know', () => {
      const result = factory.config.safeParse({ ...(config() as object), no_such_key: 1 });
      expect(result.error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: ['no_such_key'] }]);
    });

    it('reads the same section twice alike', () => {
      const section = config();
      const text = JSON.stringify(section);
      expect(factory.config.safeParse(section).success).toBe(true);
      expect(JSON.stringify(section)).toBe(text);
      expect(factory.config.safeParse(section).success).toBe(true);
    });

    describe.each(signals)('for %s', (signal) => {
      const consume = (made: Made, batch: Batch) =>
        (made.component[`consume${METHOD[signal]}`] as (batch: Batch) => Promise<void>)(batch);

      it('shuts down without having started', async () => {
        const { component, passedOn } = make(signal);
        await component.shutdown();
        expect(passedOn).toEqual([]);
      });

      it('shuts down twice', async () => {
        const { component } = make(signal);
        await component.start(host);
        await component.shutdown();
        await component.shutdown();
      });

      it('lets a second instance start after the first was shut down', async () => {
        for (let round = 0; round < 2; round++) {
          const { component } = make(signal);
          await component.start(host);
          await component.shutdown();
        }
      });

      it('hands nothing on after its shutdown', async () => {
        const made = make(signal);
        await made.component.start(host);
        if (kind !== 'receiver') await consume(made, emptyBatch()).catch(() => {});
        await made.component.shutdown();
        const count = made.passedOn.length;
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(made.passedOn).toHaveLength(count);
      });

      if (kind === 'processor')
        it('has handed on every item it accepted when it is shut down', async () => {
          const made = make(signal);
          await made.component.start(host);
          const batches = Array.from({ length: 5 }, () => oneItem(signal));
          for (const batch of batches) await consume(made, batch);
          await made.component.shutdown();
          const items = made.passedOn.reduce((sum, { itemCount }) => sum + itemCount, 0);
          expect(items).toBe(batches.length);
        });

      if (kind !== 'receiver')
        it('takes an empty batch', async () => {
          const made = make(signal);
          await made.component.start(host);
          await consume(made, emptyBatch());
          await made.component.shutdown();
        });
    });
  });
}

export function testSettings(id: string): Settings {
  const shared = new Map<string, unknown>();
  return {
    id,
    logger: pino({ level: 'silent' }),
    clock: new SystemClock(),
    counters: new Counters(),
    buildInfo: { command: 'spanloom', version: '0.0.0' },
    taps: new Set(),
    shared: <T>(make: () => T): T => {
      if (!shared.has(id)) shared.set(id, make());
      return shared.get(id) as T;
    },
  };
}

function emptyBatch(): Batch {
  return new OtlpBatch(new Uint8Array(), 0);
}

let spans = 0;

/** A request with one item: a span (with ids of its own), a gauge with one data point, or a log record. */
function oneItem(signal: Signal): Batch {
  const nested = (field: number, bytes: Buffer) =>
    Buffer.concat([Buffer.from([(field << 3) | 2, bytes.length]), bytes]);
  const id = (length: number) => {
    const bytes = Buffer.alloc(length, 1);
    bytes.writeUInt32BE(++spans, length - 4);
    return bytes;
  };
  const time = (field: number) => Buffer.concat([Buffer.from([(field << 3) | 1]), Buffer.alloc(8, 1)]);
  const items: Record<Signal, () => Buffer> = {
    traces: () =>
      Buffer.concat([nested(1, id(16)), nested(2, id(8)), nested(5, Buffer.from('GET')), time(7), time(8)]),
    metrics: () => nested(5, nested(1, time(3))),
    logs: () => time(1),
  };
  return new OtlpBatch(nested(1, nested(2, nested(2, items[signal]()))), 1);
}
