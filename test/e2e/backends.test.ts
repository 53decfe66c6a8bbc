import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../examples/shop/run/managed-process.ts';
import { sendOrders } from '../../examples/shop/run/send-orders.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import type { Shop } from '../../examples/shop/shop.ts';
import { observeShop } from '../support/observe-shop.ts';
import { everyField } from './backends/every-field.ts';
import { type Jaeger, startJaeger } from './backends/jaeger.ts';
import { startOtelcol } from './backends/otelcol.ts';
import { EXAMPLES, whyNoPeers } from './backends/peers.ts';
import { type WholeSpan, wholeSpans, withoutSchemaUrls } from './backends/whole-span.ts';

const CLI = join(import.meta.dirname, '../../dist/cli.js');
const ORDERS = 30;
const SPANS_OF_AN_ORDER = 10;

async function sendOrdersAndEveryField(
  shop: Shop,
  labels: readonly string[],
  concurrency: number,
): Promise<void> {
  const response = await fetch(`${shop.sdkEnv.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: everyField(),
  });
  expect(response.status).toBe(200);
  await sendOrders(shop.url, labels, concurrency);
}

it.each(['jaeger', 'otelcol', 'tempo'])('the example configuration for %s is valid', async (backend) => {
  const workDir = makeWorkDir();
  try {
    await run({
      name: 'spanloom validate',
      command: process.execPath,
      args: [CLI, 'validate', '--config', join(EXAMPLES, backend, 'spanloom.yaml')],
      logFile: join(workDir, 'validate.log'),
    });
  } finally {
    removeWorkDir(workDir);
  }
});

const why = whyNoPeers('otelcol', 'jaeger');

describe.skipIf(why)(`merged traces in real backends${why ? ` (skipped: ${why})` : ''}`, () => {
  let workDir: string;
  let jaeger: Jaeger;
  let written: Map<string, WholeSpan>;
  let inOtelcol: Map<string, WholeSpan>;
  const traceIds = () => [...new Set([...written.values()].map((span) => String(span.traceId)))];

  beforeAll(async () => {
    workDir = makeWorkDir();
    jaeger = await startJaeger(workDir);
    const otelcol = await startOtelcol(workDir);
    try {
      await observeShop({
        workDir,
        orders: ORDERS,
        concurrency: 5,
        send: sendOrdersAndEveryField,
        exporters: {
          otlp: { endpoint: otelcol.endpoint, tls: { insecure: true } },
          otlp_http: { endpoint: jaeger.endpoint },
        },
      });
      inOtelcol = wholeSpans(await otelcol.finish());
    } finally {
      await otelcol.stop();
    }
    written = wholeSpans(readFileSync(join(workDir, 'traces.jsonl'), 'utf8'));
  });

  afterAll(async () => {
    await jaeger?.stop();
    removeWorkDir(workDir);
  });

  it('are those of every order, and one that uses every field', () => {
    expect(written.size).toBeGreaterThanOrEqual(ORDERS * SPANS_OF_AN_ORDER + 2);
    expect([...written.values()].filter((span) => (span.links as unknown[]).length > 0)).not.toEqual([]);
  });

  it('are in the upstream Collector as the file exporter wrote them', () => {
    expect(inOtelcol).toEqual(written);
  });

  it('are in Jaeger as the file exporter wrote them', async () => {
    const stored = await Promise.all(traceIds().map((id) => jaeger.storedTrace(id)));
    expect(wholeSpans(stored.join('\n'))).toEqual(withoutSchemaUrls(written));
  });

  it('give Jaeger nothing to warn of: no parent is missing, no clock disagrees', async () => {
    const warnings = await Promise.all(traceIds().map((id) => jaeger.warnings(id)));
    expect(warnings.flat()).toEqual([]);
  });

  // OpenTelemetry JS cuts start times to 1 ms and ends a span when its event loop comes to it.
  it('make the older API of Jaeger warn of nothing but the times that SDKs gave', async () => {
    const zeroCode = (span?: WholeSpan) => (span?.scope as { name: string } | undefined)?.name === 'spanloom';
    const warnings = (await Promise.all(traceIds().map((id) => jaeger.legacyWarnings(id)))).flat();
    const others = warnings.filter(({ traceId, spanId, text }) => {
      const span = written.get(`${traceId}/${spanId}`);
      const ofTimes = text.startsWith('clock skew adjustment disabled');
      return !ofTimes || (zeroCode(span) && zeroCode(written.get(`${traceId}/${span?.parentSpanId}`)));
    });
    expect(others).toEqual([]);
  });
});
