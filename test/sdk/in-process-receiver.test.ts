import { describe, expect, it } from 'vitest';
import type { Component, Host, Settings } from '../../src/collector/component.ts';
import { PermanentError, RetryableError } from '../../src/error.ts';
import type { Traces } from '../../src/otlp/batch.ts';
import { toReadableSpans } from '../../src/sdk/decode/to-readable-spans.ts';
import { type InProcessOptions, inProcessReceiver } from '../../src/sdk/in-process-receiver.ts';
import type { SdkSpan } from '../../src/sdk/readable-span.ts';
import type { ExportResult, SdkSpanExporter } from '../../src/sdk/span-exporter.ts';
import { testComponentContract, testSettings } from '../support/component-contract.ts';
import { sdkSpan } from './support/sdk-spans.ts';

testComponentContract('receiver', inProcessReceiver().receiver, () => ({}));

const host: Host = { fatal() {}, finished() {} };

const exported = (exporter: SdkSpanExporter, spans: readonly SdkSpan[]) =>
  new Promise<ExportResult>((resolve) => exporter.export(spans, resolve));

interface Running {
  readonly exporter: SdkSpanExporter;
  readonly component: Component;
  readonly settings: Settings;
  /** Counts by outcome. */
  counts(): { accepted: number; refused: number };
}

/** A started receiver whose next stage does this. */
async function running(
  consumeTraces: (batch: Traces) => Promise<void>,
  options?: InProcessOptions,
): Promise<Running> {
  const { receiver, exporter } = inProcessReceiver(options);
  const settings = testSettings('in_process/test');
  const component = receiver.createTraces!(settings, {}, { consumeTraces });
  await component.start(host);
  const count = (outcome: string) =>
    settings.counters.counter(`otelcol_receiver_${outcome}_spans`, {
      receiver: 'in_process/test',
      transport: 'in_process',
    }).value;
  return {
    exporter,
    component,
    settings,
    counts: () => ({ accepted: count('accepted'), refused: count('refused') }),
  };
}

describe('inProcessReceiver', () => {
  it('hands exported spans to the pipeline and counts them', async () => {
    const names: string[] = [];
    const { exporter, component, counts } = await running(async (batch) => {
      names.push(...toReadableSpans(batch).map(({ name }) => name));
    });
    expect(await exported(exporter, [sdkSpan({ name: 'a' }), sdkSpan({ name: 'b' })])).toEqual({ code: 0 });
    expect(await exported(exporter, [])).toEqual({ code: 0 });
    expect(names).toEqual(['a', 'b']);
    expect(counts()).toEqual({ accepted: 2, refused: 0 });
    await component.shutdown();
  });

  it('waits for attributes that a resource has promised', async () => {
    let known = false;
    const resource = {
      get attributes() {
        return known ? { 'host.id': 'h1' } : {};
      },
      get asyncAttributesPending() {
        return !known;
      },
      async waitForAsyncAttributes() {
        await new Promise((resolve) => setImmediate(resolve));
        known = true;
      },
    };
    let attributes: object | undefined;
    const { exporter } = await running(async (batch) => {
      attributes = toReadableSpans(batch)[0]?.resource.attributes;
    });
    await exported(exporter, [sdkSpan({ resource })]);
    expect(attributes).toEqual({ 'host.id': 'h1' });
  });

  it('fails exports before the start and after the shutdown of the receiver', async () => {
    const { receiver, exporter } = inProcessReceiver({ type: 'own_spans' });
    expect(receiver.type).toBe('own_spans');
    const closed = { code: 1, error: { code: 'SPANLOOM_IN_PROCESS_CLOSED' } };
    expect(await exported(exporter, [sdkSpan()])).toMatchObject(closed);
    const next = { consumeTraces: async () => {} };
    const component = receiver.createTraces!(testSettings('own_spans'), {}, next);
    await component.start(host);
    expect(await exported(exporter, [sdkSpan()])).toEqual({ code: 0 });
    await component.shutdown();
    expect(await exported(exporter, [sdkSpan()])).toMatchObject(closed);
  });

  it('refuses a second receiver for one exporter, until the first has stopped', async () => {
    const { receiver } = inProcessReceiver();
    const next = { consumeTraces: async () => {} };
    const [first, second] = ['a', 'b'].map((id) => receiver.createTraces!(testSettings(id), {}, next));
    await first!.start(host);
    await expect(second!.start(host)).rejects.toMatchObject({ code: 'SPANLOOM_IN_PROCESS_TAKEN' });
    await second!.shutdown();
    await expect(second!.start(host)).rejects.toMatchObject({ code: 'SPANLOOM_IN_PROCESS_TAKEN' });
    await first!.shutdown();
    await second!.start(host);
    await second!.shutdown();
  });

  it('tries again what may be accepted later', async () => {
    let attempts = 0;
    const { exporter, counts } = await running(async () => {
      if (++attempts < 3) throw new RetryableError('SPANLOOM_BUSY', 'busy');
    });
    expect(await exported(exporter, [sdkSpan()])).toEqual({ code: 0 });
    expect(attempts).toBe(3);
    expect(counts()).toEqual({ accepted: 1, refused: 0 });
  });

  it('gives up after its time, and at once what never will be accepted', async () => {
    const busy = new RetryableError('SPANLOOM_BUSY', 'busy', 50);
    const short = await running(() => Promise.reject(busy), { timeoutMs: 20 });
    expect(await exported(short.exporter, [sdkSpan()])).toEqual({ code: 1, error: busy });
    expect(short.counts()).toEqual({ accepted: 0, refused: 1 });

    const bad = new PermanentError('SPANLOOM_BAD', 'bad');
    let attempts = 0;
    const never = await running(() => {
      attempts++;
      return Promise.reject(bad);
    });
    expect(await exported(never.exporter, [sdkSpan()])).toEqual({ code: 1, error: bad });
    expect(attempts).toBe(1);
  });

  it.each(['exporter', 'component'] as const)(
    'shuts its %s down only when what it took has been handed on',
    async (stopped) => {
      let take: () => void = () => {};
      const pipeline = await running(() => new Promise((resolve) => (take = resolve)));
      const events: string[] = [];
      const result = exported(pipeline.exporter, [sdkSpan()]).then(({ code }) =>
        events.push(`exported ${code}`),
      );
      const shutdown = pipeline[stopped].shutdown().then(() => events.push('stopped'));
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(events).toEqual([]);
      take();
      await Promise.all([result, shutdown]);
      expect(events).toEqual(['exported 0', 'stopped']);
      expect((await exported(pipeline.exporter, [sdkSpan()])).code).toBe(1);
    },
  );

  it('does not sit out its pauses at shutdown', async () => {
    let attempts = 0;
    const { exporter, counts } = await running(
      async () => {
        attempts++;
        throw new RetryableError('SPANLOOM_BUSY', 'busy', 60_000);
      },
      { timeoutMs: 120_000 },
    );
    const result = exported(exporter, [sdkSpan()]);
    await new Promise((resolve) => setImmediate(resolve));
    await exporter.shutdown();
    expect((await result).code).toBe(1);
    expect(attempts).toBe(2);
    expect(counts()).toEqual({ accepted: 0, refused: 1 });
  });

  it('shows what it accepts to taps', async () => {
    const { exporter, settings } = await running(async () => {});
    const signals: string[] = [];
    settings.taps.add({ received: (signal, body) => signals.push(`${signal} ${body.length > 0}`) });
    await exported(exporter, [sdkSpan()]);
    expect(signals).toEqual(['traces true']);
  });
});
