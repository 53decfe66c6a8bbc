import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import type { Component, Host, TracesConsumer } from '../../src/collector/component.ts';
import { PermanentError, RetryableError } from '../../src/error.ts';
import { encodeRpcStatus } from '../../src/otlp/rpc-status.ts';
import { fromReadableSpans } from '../../src/sdk/encode/from-readable-spans.ts';
import { exportError } from '../../src/sdk/export-error.ts';
import { sdkExporter } from '../../src/sdk/sdk-exporter.ts';
import type { AnySpanExporter } from '../../src/sdk/span-exporter.ts';
import { testComponentContract, testSettings } from '../support/component-contract.ts';
import { sdkSpan } from './support/sdk-spans.ts';

type Done = Parameters<AnySpanExporter['export']>[1];

/** An exporter of an SDK that notes what is asked of it. */
class FakeExporter implements AnySpanExporter {
  readonly events: string[] = [];
  answer: (done: Done) => void = (done) => done({ code: 0 });

  export(spans: { readonly name: string }[], done: Done): void {
    this.events.push(`export ${spans.map(({ name }) => name).join()}`);
    this.answer(done);
  }

  async forceFlush(): Promise<void> {
    this.events.push('flush');
  }

  async shutdown(): Promise<void> {
    this.events.push('shutdown');
  }
}

testComponentContract(
  'exporter',
  sdkExporter(() => new FakeExporter()),
  () => ({}),
);

const host: Host = { fatal() {}, finished() {} };
const batch = (name = 'pay') => fromReadableSpans([sdkSpan({ name })]);
/** A batch is accepted when the SDK's exporter has said so. */
const DIRECT = { sending_queue: { enabled: false } };

let stop: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of stop.splice(0)) await each();
  stop = [];
});

async function started(
  exporter: AnySpanExporter,
  config: object = DIRECT,
): Promise<Component & TracesConsumer> {
  const factory = sdkExporter(() => exporter);
  const component = factory.createTraces!(testSettings('sdk'), factory.config.parse(config));
  await component.start(host);
  stop.push(() => component.shutdown());
  return component;
}

const failure = (error: object): Done extends (result: infer R) => void ? R : never => ({
  code: 1,
  error: Object.assign(new Error('no'), error),
});

describe('sdkExporter', () => {
  it('hands over spans, then flushes and shuts down what it made, once each', async () => {
    const exporter = new FakeExporter();
    const component = await started(exporter);
    await component.consumeTraces(batch());
    await component.shutdown();
    await component.shutdown();
    expect(exporter.events).toEqual(['export pay', 'flush', 'shutdown']);
  });

  it('makes an exporter for each component, when it starts', async () => {
    const made: FakeExporter[] = [];
    const factory = sdkExporter(
      () => {
        const exporter = new FakeExporter();
        made.push(exporter);
        return exporter;
      },
      { type: 'own' },
    );
    expect(factory.type).toBe('own');
    for (let round = 1; round <= 2; round++) {
      const component = factory.createTraces!(testSettings('own'), factory.config.parse({}));
      expect(made).toHaveLength(round - 1);
      await component.start(host);
      expect(made).toHaveLength(round);
      await component.shutdown();
    }
  });

  it('tries again what is known to be passing', async () => {
    const exporter = new FakeExporter();
    const answers = [failure({ code: 14 }), failure({ code: 'ECONNREFUSED' }), { code: 0 }];
    exporter.answer = (done) => done(answers.shift()!);
    const retry = { initial_interval: '1ms', max_interval: '1ms' };
    const component = await started(exporter, { ...DIRECT, retry_on_failure: retry });
    await component.consumeTraces(batch());
    expect(exporter.events).toEqual(['export pay', 'export pay', 'export pay']);
  });

  it('drops what failed for good, what threw and what was not answered', async () => {
    const exporter = new FakeExporter();
    const component = await started(exporter, { ...DIRECT, timeout: '20ms' });
    exporter.answer = (done) => done(failure({ code: 3 }));
    await expect(component.consumeTraces(batch())).rejects.toMatchObject({
      code: 'SPANLOOM_EXPORT_REJECTED',
    });
    exporter.answer = () => {
      throw new Error('broken');
    };
    await expect(component.consumeTraces(batch())).rejects.toThrow('broken');
    exporter.answer = () => {};
    await expect(component.consumeTraces(batch())).rejects.toMatchObject({ code: 'SPANLOOM_EXPORT_TIMEOUT' });
    expect(exporter.events).toHaveLength(3);
  });

  it('exports as much at a time as the queue has consumers', async () => {
    const exporter = new FakeExporter();
    const waiting: Done[] = [];
    exporter.answer = (done) => waiting.push(done);
    const component = await started(exporter, { sending_queue: { num_consumers: 2 } });
    for (const name of ['a', 'b', 'c']) await component.consumeTraces(batch(name));
    expect(exporter.events).toEqual(['export a', 'export b']);
    waiting.shift()!({ code: 0 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(exporter.events).toEqual(['export a', 'export b', 'export c']);
    for (const done of waiting) done({ code: 0 });
  });

  it('shuts the exporter down also when it does not flush', async () => {
    const exporter = new FakeExporter();
    exporter.forceFlush = () => Promise.reject(new Error('no flush'));
    const component = await started(exporter);
    stop = [];
    await expect(component.shutdown()).rejects.toThrow('no flush');
    expect(exporter.events).toEqual(['shutdown']);
  });

  it('exports where an SDK in this process makes no spans of it', async () => {
    const storage = new AsyncLocalStorage<Context>();
    context.setGlobalContextManager({
      active: () => storage.getStore() ?? ROOT_CONTEXT,
      with: (value, work, self, ...args) => storage.run(value, () => work.apply(self, args)),
      bind: (_value, target) => target,
      enable() {
        return this;
      },
      disable() {
        return this;
      },
    });
    stop.push(async () => context.disable());
    const key = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');
    const exporter = new FakeExporter();
    let suppressed: unknown;
    exporter.answer = (done) => {
      suppressed = context.active().getValue(key);
      done({ code: 0 });
    };
    const component = await started(exporter);
    await component.consumeTraces(batch());
    expect(suppressed).toBe(true);
  });
});

describe('exportError', () => {
  const details = (bytes: Uint8Array) => ({ metadata: { get: () => [Buffer.from(bytes)] } });

  it.each<[string, object]>([
    ['a gRPC code that OTLP calls retryable', { code: 14 }],
    ['RESOURCE_EXHAUSTED with RetryInfo', { code: 8, ...details(encodeRpcStatus(8, 'full', 1500)) }],
    ['an HTTP status that OTLP calls retryable', { code: 503 }],
    ['a broken connection', { code: 'ECONNRESET' }],
    ['too many exports at once', { message: 'Concurrent export limit reached' }],
    ['retries that were given up', { message: 'Export failed with retryable status' }],
  ])('is retryable for %s', (_name, error) => {
    expect(exportError(failure(error).error)).toBeInstanceOf(RetryableError);
  });

  it('says how long the backend asks to wait', () => {
    const error = failure({ code: 8, ...details(encodeRpcStatus(8, 'full', 1500)) }).error;
    expect(exportError(error)).toMatchObject({ retryAfterMs: 1500 });
  });

  it.each<[string, unknown]>([
    ['another gRPC code', failure({ code: 3 }).error],
    ['RESOURCE_EXHAUSTED without RetryInfo', failure({ code: 8, metadata: { get: () => [] } }).error],
    ['another HTTP status', failure({ code: 400 }).error],
    ['any other error', new Error('boom')],
    ['no error at all', undefined],
  ])('is permanent for %s', (_name, error) => {
    expect(exportError(error)).toBeInstanceOf(PermanentError);
  });
});
