import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/collector/clock.ts';
import { Collector, type CollectorSettings } from '../../src/collector/collector.ts';
import { Recording, recordingLogger } from './recording.helper.ts';

const TWO_PIPELINES = {
  receivers: { nop: null, 'nop/2': null },
  processors: { 'nop/first': null, 'nop/second': null },
  exporters: { nop: null, 'nop/2': null },
  extensions: { 'nop/ext': null },
  service: {
    extensions: ['nop/ext'],
    pipelines: {
      traces: {
        receivers: ['nop'],
        processors: ['nop/first', 'nop/second'],
        exporters: ['nop'],
      },
      'traces/2': { receivers: ['nop', 'nop/2'], processors: ['nop/first'], exporters: ['nop', 'nop/2'] },
    },
  },
};

type Body = Record<string, unknown> | null;

/** One pipeline of one receiver, processor and exporter. */
function one({ receiver = null, processor = null, exporter = null }: Record<string, Body>) {
  return {
    receivers: { nop: receiver },
    processors: { nop: processor },
    exporters: { nop: exporter },
    service: { pipelines: { traces: { receivers: ['nop'], processors: ['nop'], exporters: ['nop'] } } },
  };
}

const collectors: Collector[] = [];

/** Files of tests run at the same time, and the port of the metrics is one. */
function withoutMetrics(object: Record<string, unknown>) {
  const service = object.service as Record<string, unknown> | undefined;
  return service ? { ...object, service: { telemetry: { metrics: { level: 'none' } }, ...service } } : object;
}

function collect(object: Record<string, unknown>, more: Partial<CollectorSettings> = {}) {
  const recording = new Recording();
  const { logger, lines } = recordingLogger();
  const collector = new Collector({
    config: { object: withoutMetrics(object) },
    factories: recording.factories,
    logger,
    ...more,
  });
  collectors.push(collector);
  return { collector, recording, lines };
}

afterEach(async () => {
  for (const collector of collectors.splice(0))
    if (collector.state !== 'new') await collector.shutdown().catch(() => {});
});

describe('the life of a collector', () => {
  it('starts extensions, exporters, processors from the end, receivers; and stops the other way round', async () => {
    const { collector, recording } = collect(TWO_PIPELINES);
    await collector.start();
    const started = recording.take();
    expect(started).toEqual([
      'start extension nop/ext',
      'start exporter nop',
      'start exporter nop/2',
      'start processor nop/second',
      'start processor nop/first',
      'start processor nop/first',
      'start receiver nop',
      'start receiver nop/2',
    ]);
    await collector.shutdown();
    const stopped = started.map((event) => event.replace('start', 'shutdown'));
    expect(recording.take()).toEqual([...stopped.slice(1).reverse(), stopped[0]]);
  });

  it('goes from new to closed, and says when it is ready', async () => {
    const { collector, lines } = collect(one({}));
    expect(collector.state).toBe('new');
    const start = collector.start();
    expect(collector.state).toBe('starting');
    await start;
    expect(collector.state).toBe('running');
    expect(lines.map(({ msg }) => msg)).toContain('Everything is ready. Begin running and processing data.');
    const shutdown = collector.shutdown();
    await shutdown;
    expect(collector.state).toBe('closed');
  });

  it('runs until it is shut down', async () => {
    const { collector, recording } = collect(one({}));
    let ended = false;
    const run = collector.run().then(() => {
      ended = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(false);
    await collector.shutdown();
    await run;
    await collector.shutdown();
    expect(recording.events.filter((event) => event.startsWith('shutdown'))).toHaveLength(3);
  });

  it('can be shut down while it starts', async () => {
    const { collector, recording } = collect(one({}));
    const run = collector.run();
    await collector.shutdown();
    await run;
    expect(recording.events).toEqual([
      'start exporter nop',
      'start processor nop',
      'start receiver nop',
      'shutdown receiver nop',
      'shutdown processor nop',
      'shutdown exporter nop',
    ]);
  });

  it('tells extensions when the pipelines run', async () => {
    const recording = new Recording();
    const { create, ...rest } = recording.factories.extensions[0]!;
    const watching = {
      ...rest,
      create: (...args: Parameters<typeof create>) =>
        Object.assign(create(...args), {
          ready: () => recording.events.push('ready'),
          notReady: () => recording.events.push('not ready'),
        }),
    };
    const { collector } = collect(TWO_PIPELINES, {
      factories: { ...recording.factories, extensions: [watching] },
    });
    await collector.start();
    expect(recording.take().slice(-2)).toEqual(['start receiver nop/2', 'ready']);
    await collector.shutdown();
    expect(recording.take().slice(0, 2)).toEqual(['not ready', 'shutdown receiver nop/2']);
  });

  it('is started once', async () => {
    const { collector } = collect(one({}));
    await collector.start();
    expect(() => collector.start()).toThrow('this collector is running: a collector is started once');
  });

  it('ends when a component has finished', async () => {
    const { collector, recording } = collect(one({ receiver: { finish: true } }));
    await collector.run();
    expect(recording.events.at(-1)).toBe('shutdown exporter nop');
  });

  it('ends with the error of a component that can not go on', async () => {
    const { collector, recording } = collect(one({ processor: { fail: 'fatal' } }));
    await expect(collector.run()).rejects.toThrow('the ring is gone');
    expect(recording.events.slice(-3)).toEqual([
      'shutdown receiver nop',
      'shutdown processor nop',
      'shutdown exporter nop',
    ]);
    expect(collector.state).toBe('closed');
  });

  it('logs at the end what was counted', async () => {
    const { collector, lines } = collect(one({}));
    await collector.start();
    collector.counters.counter('otelcol_exporter_sent_spans', { exporter: 'otlp' }).value = 3;
    collector.counters.counter('never').value = 0;
    await collector.shutdown();
    const counts = lines.find(({ msg }) => msg === 'Counts since the start')!;
    expect(counts).toMatchObject({ 'otelcol_exporter_sent_spans{exporter=otlp}': 3 });
    expect(counts).not.toHaveProperty('never');
  });
});

describe('failures', () => {
  it('name the component that did not start, and stop everything', async () => {
    const { collector, recording } = collect(one({ receiver: { fail: 'start' } }));
    await expect(collector.run()).rejects.toThrow(
      'cannot start pipelines: failed to start "nop" receiver: address in use',
    );
    expect(recording.events.slice(-3)).toEqual([
      'shutdown receiver nop',
      'shutdown processor nop',
      'shutdown exporter nop',
    ]);
    expect(collector.state).toBe('closed');
  });

  it('name the component that could not be made, and start nothing', async () => {
    const { collector, recording } = collect(one({ exporter: { fail: 'create' } }));
    await expect(collector.run()).rejects.toThrow(
      'failed to build pipelines: failed to create "nop" exporter for data type "traces": no way',
    );
    expect(recording.events).toEqual([]);
  });

  it('of a shutdown do not keep the rest from it', async () => {
    const { collector, recording } = collect(one({ processor: { fail: 'shutdown' } }));
    const run = collector.run();
    await expect(collector.shutdown()).rejects.toThrow('failed to shut down "nop" processor: disk full');
    await expect(run).rejects.toThrow('disk full');
    expect(recording.events.at(-1)).toBe('shutdown exporter nop');
  });

  it('to drain in time end the collector', async () => {
    const { collector } = collect(one({ processor: { fail: 'hang' } }), { drainTimeoutMs: 10 });
    const run = collector.run();
    await expect(collector.shutdown()).rejects.toMatchObject({ code: 'SPANLOOM_SHUTDOWN_TIMEOUT' });
    await expect(run).rejects.toThrow('shutdown did not finish within 10 ms');
    expect(collector.state).toBe('closed');
  });

  it('of the configuration come before anything is made', async () => {
    const { collector, recording } = collect({ ...one({}), receivers: { other: null } });
    await expect(collector.run()).rejects.toThrow(
      'unknown type: "other" for id: "other" (valid values: [nop])',
    );
    expect(recording.settings).toEqual([]);
  });

  it('of validation say so', async () => {
    const { collector } = collect({ ...one({}), exporters: { 'nop/2': null } });
    await expect(collector.run()).rejects.toThrow(
      'invalid configuration: service::pipelines::traces: references exporter "nop" which is not configured',
    );
  });
});

describe('the way of the data', () => {
  it('is from a receiver through the processors in order to every exporter, in all pipelines that name it', async () => {
    const { collector, recording } = collect(TWO_PIPELINES);
    await collector.start();
    recording.take();
    await recording.receive('nop');
    expect(recording.take().sort()).toEqual([
      'consumeTraces exporter nop',
      'consumeTraces exporter nop',
      'consumeTraces exporter nop/2',
      'consumeTraces processor nop/first',
      'consumeTraces processor nop/first',
      'consumeTraces processor nop/second',
    ]);
    await recording.receive('nop/2');
    expect(recording.take()).toEqual([
      'consumeTraces processor nop/first',
      'consumeTraces exporter nop',
      'consumeTraces exporter nop/2',
    ]);
  });

  it('keeps signals apart: an id in pipelines of two signals is two instances', async () => {
    const lists = { receivers: ['nop'], processors: ['nop'], exporters: ['nop'] };
    const config = { ...one({}), service: { pipelines: { traces: lists, logs: lists } } };
    const { collector, recording } = collect(config);
    await collector.start();
    expect(recording.take()).toHaveLength(6);
    await recording.receive('nop', 'logs');
    expect(recording.take()).toEqual(['consumeLogs processor nop', 'consumeLogs exporter nop']);
  });

  it('leads back as a rejection', async () => {
    const { collector, recording } = collect(one({ exporter: { fail: 'consume' } }));
    await collector.start();
    await expect(recording.receive('nop')).rejects.toThrow('rejected');
  });
});

describe('what a component is given', () => {
  const lists = { receivers: ['nop'], processors: ['nop'], exporters: ['nop'] };
  const allSignals = { traces: lists, 'traces/2': lists, metrics: lists, logs: lists };

  it('is shared by id: an object for all signals and pipelines is started and stopped once', async () => {
    const share = { share: true };
    const config = {
      ...one({ receiver: share, processor: share, exporter: share }),
      service: { pipelines: allSignals },
    };
    const { collector, recording } = collect(config);
    await collector.start();
    expect(recording.take()).toEqual(['start exporter nop', 'start processor nop', 'start receiver nop']);
    await collector.shutdown();
    expect(recording.take()).toEqual([
      'shutdown receiver nop',
      'shutdown processor nop',
      'shutdown exporter nop',
    ]);
  });

  it('is not shared between kinds and names', async () => {
    const { collector, recording } = collect(TWO_PIPELINES);
    await collector.start();
    const made = recording.settings.map((settings) => settings.shared(() => settings));
    expect(new Set(made).size).toBe(7);
  });

  it('is one clock, the system clock by default', async () => {
    const { collector, recording } = collect(TWO_PIPELINES);
    await collector.start();
    expect(new Set(recording.settings.map(({ clock }) => clock)).size).toBe(1);
  });

  it('is the clock that a receiver brings', async () => {
    const recording = new Recording();
    const clock = new ManualClock(0n);
    const [receiver] = recording.factories.receivers;
    const factories = { ...recording.factories, receivers: [{ ...receiver!, createClock: () => clock }] };
    const { collector } = collect(one({}), { factories });
    await collector.start();
    expect(recording.settings.map((settings) => settings.clock)).toEqual([clock, clock, clock]);
  });

  it('is never two clocks', async () => {
    const recording = new Recording();
    const [receiver] = recording.factories.receivers;
    const createClock = () => new ManualClock(0n);
    const factories = { ...recording.factories, receivers: [{ ...receiver!, createClock }] };
    await expect(collect(TWO_PIPELINES, { factories }).collector.run()).rejects.toMatchObject({
      code: 'SPANLOOM_CONFIG_CLOCK',
      message: expect.stringContaining('receivers "nop" and "nop/2" each bring a clock'),
    });
  });

  it('is a logger that says which component speaks', async () => {
    const { collector, recording, lines } = collect(one({}));
    await collector.start();
    recording.settings.find(({ id }) => id === 'nop')!.logger.warn('hello');
    expect(lines.at(-1)).toMatchObject({
      msg: 'hello',
      'otelcol.component.id': 'nop',
      'otelcol.component.kind': 'exporter',
      'otelcol.signal': 'traces',
    });
  });
});

describe('a reload', () => {
  const yaml = (id: string) =>
    `{receivers: {${id}: }, exporters: {nop: }, service: {pipelines: {traces: {receivers: [${id}], exporters: [nop]}}}}`;
  const fromEnv = (env: Record<string, string>) => ({
    config: { locations: ['env:CONFIG', 'yaml:service::telemetry::metrics::level: none'], env },
  });

  it('stops everything and starts what the configuration says now', async () => {
    const env = { CONFIG: yaml('nop/old') };
    const { collector, recording } = collect({}, fromEnv(env));
    await collector.start();
    env.CONFIG = yaml('nop/new');
    recording.take();
    await collector.reload();
    expect(recording.take()).toEqual([
      'shutdown receiver nop/old',
      'shutdown exporter nop',
      'start exporter nop',
      'start receiver nop/new',
    ]);
    expect(collector.state).toBe('running');
  });

  it('that fails ends the collector', async () => {
    const env = { CONFIG: yaml('nop') };
    const { collector, recording } = collect({}, fromEnv(env));
    const run = collector.run();
    await new Promise((resolve) => setImmediate(resolve));
    env.CONFIG = yaml('nop').replace('exporters: {nop: }', 'exporters: {npo: }');
    const reload = collector.reload();
    await expect(reload).rejects.toThrow(
      /^failed to reload config: failed to get config: .*unknown type: "npo"/s,
    );
    await expect(run).rejects.toThrow('failed to reload config');
    expect(recording.events.slice(-2)).toEqual(['shutdown receiver nop', 'shutdown exporter nop']);
    expect(collector.state).toBe('closed');
  });

  it('does nothing after the end', async () => {
    const { collector, recording } = collect(one({}));
    await collector.start();
    await collector.shutdown();
    recording.take();
    await collector.reload();
    expect(recording.events).toEqual([]);
  });
});
