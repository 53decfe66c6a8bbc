import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Component, ConnectorFactory } from '../../../src/collector/component.ts';
import type { ConfigError } from '../../../src/collector/config/problem.ts';
import {
  type ConfigObject,
  type ConfigPipeline,
  createCollector,
} from '../../../src/collector/create-collector.ts';
import { OtlpBatch } from '../../../src/otlp/batch.ts';
import { Recording } from '../recording.helper.ts';

const config = z.strictObject({});

const recording = new Recording();
afterEach(() => void recording.take());

function lifecycle(what: string): Component {
  return {
    start: async () => void recording.events.push(`start connector ${what}`),
    shutdown: async () => void recording.events.push(`shutdown connector ${what}`),
  };
}

/** Hands spans on as they are, and says of each batch that it came in a log record. */
const count: ConnectorFactory<z.infer<typeof config>> = {
  type: 'count',
  aliases: ['nop'],
  stability: 'development',
  config,
  createTracesToTraces: (_settings, _config, next) => ({
    ...lifecycle('traces to traces'),
    consumeTraces: (batch) => next.consumeTraces(batch),
  }),
  createTracesToLogs: (_settings, _config, next) => ({
    ...lifecycle('traces to logs'),
    consumeTraces: () => next.consumeLogs(new OtlpBatch(new Uint8Array(), 1)),
  }),
};

function collector(
  pipelines: Record<string, Partial<ConfigPipeline>>,
  sections: Partial<ConfigObject> = { connectors: { count: null, forward: null } },
) {
  const nop = { nop: null, 'nop/2': null };
  return createCollector({
    ...recording.factories,
    connectors: [count],
    logger: pino({ level: 'silent' }),
    config: {
      receivers: nop,
      processors: nop,
      exporters: nop,
      ...sections,
      service: {
        pipelines: Object.fromEntries(
          Object.entries(pipelines).map(([id, pipeline]) => [
            id,
            { receivers: ['nop'], exporters: ['nop'], ...pipeline },
          ]),
        ),
      },
    },
  });
}

async function messageOf(...options: Parameters<typeof collector>): Promise<string> {
  const error = await collector(...options)
    .start()
    .then(
      () => undefined,
      (error: ConfigError) => error,
    );
  return error?.message ?? 'no error';
}

describe('a connector', () => {
  it('makes one pipeline of several, and several of one', async () => {
    const running = collector({
      'traces/a': { exporters: ['forward'] },
      'traces/b': { receivers: ['nop/2'], exporters: ['forward'] },
      'traces/c': { receivers: ['forward'], processors: ['nop'] },
      'traces/d': { receivers: ['forward'], exporters: ['nop/2'] },
    });
    await running.start();
    recording.take();
    for (const receiver of ['nop', 'nop/2']) {
      await recording.receive(receiver);
      expect(recording.take().sort()).toEqual([
        'consumeTraces exporter nop',
        'consumeTraces exporter nop/2',
        'consumeTraces processor nop',
      ]);
    }
    await running.shutdown();
  });

  it('turns one signal into others', async () => {
    const running = collector({
      traces: { exporters: ['nop', 'count'] },
      'traces/2': { receivers: ['count'], exporters: ['nop/2'] },
      logs: { receivers: ['count'] },
    });
    await running.start();
    recording.take();
    await recording.receive('nop');
    expect(recording.take().sort()).toEqual([
      'consumeLogs exporter nop',
      'consumeTraces exporter nop',
      'consumeTraces exporter nop/2',
    ]);
    await running.shutdown();
  });

  it('starts after what it feeds and before what feeds it, wherever its pipelines are named', async () => {
    const running = collector({
      traces: { processors: ['nop'], exporters: ['count'] },
      'traces/2': { receivers: ['count'], processors: ['nop/2'], exporters: ['nop/2'] },
    });
    await running.start();
    await running.shutdown();
    const order = [
      'exporter nop/2',
      'processor nop/2',
      'connector traces to traces',
      'processor nop',
      'receiver nop',
    ];
    expect(recording.take()).toEqual([
      ...order.map((name) => `start ${name}`),
      ...order.toReversed().map((name) => `shutdown ${name}`),
    ]);
  });

  it('answers a receiver with what goes wrong behind it', async () => {
    const running = collector(
      { traces: { exporters: ['forward'] }, 'traces/2': { receivers: ['forward'], exporters: ['nop/3'] } },
      { connectors: { forward: null }, exporters: { 'nop/3': { fail: 'consume' } } },
    );
    await running.start();
    await expect(recording.receive('nop')).rejects.toThrow('rejected');
    await running.shutdown();
  });
});

describe('a configuration is refused', () => {
  const outOf = { receivers: ['count'] };
  const into = { exporters: ['count'] };

  it.each<[string, string, Parameters<typeof collector>]>([
    [
      'where nothing takes from a connector',
      'connector "count" used as exporter in [traces/a traces/b] pipeline but not used in any supported receiver pipeline',
      [{ 'traces/a': into, 'traces/b': into }],
    ],
    [
      'where nothing feeds a connector',
      'connector "count" used as receiver in [traces] pipeline but not used in any supported exporter pipeline',
      [{ traces: outOf }],
    ],
    [
      'where a connector does not make what is taken from it',
      'connector "count" used as receiver in [metrics] pipeline but not used in any supported exporter pipeline',
      [{ traces: into, logs: outOf, metrics: outOf }],
    ],
    [
      'where a connector does not take what it is given',
      'connector "count" used as exporter in [logs] pipeline but not used in any supported receiver pipeline',
      [{ logs: into, traces: into, 'traces/2': outOf }],
    ],
    [
      'where a pipeline feeds itself',
      'cycle detected: connector "count" (traces to traces) -> processor "nop" in pipeline "traces" -> connector "count" (traces to traces)',
      [{ traces: { receivers: ['nop', 'count'], processors: ['nop'], exporters: ['nop', 'count'] } }],
    ],
    [
      'where pipelines feed each other',
      'cycle detected: connector "forward" (traces to traces) -> processor "nop" in pipeline "traces/1" -> connector "count" (traces to traces) -> connector "forward" (traces to traces)',
      [
        {
          'traces/1': { receivers: ['nop', 'forward'], processors: ['nop'], exporters: ['count'] },
          'traces/2': { receivers: ['count'], exporters: ['forward', 'nop'] },
        },
      ],
    ],
    [
      'where a connector has the id of an exporter',
      'connectors::nop: ambiguous ID: Found both "nop" exporter and "nop" connector. Change one of the components\' IDs to eliminate ambiguity (e.g. rename "nop" connector to "nop/connector")',
      [{ traces: {} }, { receivers: { 'nop/2': null }, connectors: { nop: null } }],
    ],
    [
      'where nobody knows the connector',
      'unknown type: "fwd" for id: "fwd" (valid values: [count forward',
      [{ traces: {} }, { connectors: { fwd: null } }],
    ],
    [
      'where a connector is not configured',
      'service::pipelines::traces: references exporter "forwrad" which is not configured\n    did you mean "forward"?',
      [{ traces: { exporters: ['forwrad'] } }],
    ],
  ])('%s', async (_, message, options) => {
    expect(await messageOf(...options)).toContain(message);
  });
});
