import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileExporter } from '../../../src/exporter/file/factory.ts';
import { OtlpBatch } from '../../../src/otlp/batch.ts';
import { SHOP_ORDER, TRACE_ID, traceBatch } from '../../support/trace-batch.ts';
import { harness, until } from '../support/harness.ts';

const require = createRequire(import.meta.url);
const { ExportLogsServiceRequest } = require('@opentelemetry/otlp-transformer/build/src/generated/root.js')
  .opentelemetry.proto.collector.logs.v1;

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spanloom-file-'));
  path = join(directory, 'out.json');
});
afterEach(() => rmSync(directory, { recursive: true }));

function exporterWith(config: object = {}) {
  const h = harness('file');
  return {
    h,
    exporter: fileExporter.createTraces(h.settings, fileExporter.config.parse({ path, ...config })),
  };
}

const lines = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
const named = (name: string) => traceBatch([{ service: 's', name, id: '1' }]);
const spanNames = (file: string): string[] =>
  lines(file).map((line) => line.resourceSpans[0].scopeSpans[0].spans[0].name);

describe('file exporter', () => {
  it('writes one line of OTLP/JSON a request', async () => {
    const { exporter, h } = exporterWith();
    await exporter.start();
    await exporter.consumeTraces(traceBatch(SHOP_ORDER));
    await exporter.consumeTraces(named('second'));
    await exporter.shutdown();
    const [first, second] = lines(path);
    expect(first.resourceSpans).toHaveLength(10);
    expect(first.resourceSpans[1].scopeSpans[0].spans[0]).toMatchObject({
      traceId: TRACE_ID,
      spanId: '0000000000000002',
      parentSpanId: '0000000000000001',
      name: 'POST',
      kind: 3,
      startTimeUnixNano: '1795446000000200000',
    });
    expect(second.resourceSpans[0].scopeSpans[0].spans[0].name).toBe('second');
    expect(h.count('otelcol_exporter_sent_spans')).toBe(11);
  });

  it('writes all signals of one component id to one file', async () => {
    const h = harness('file');
    const config = fileExporter.config.parse({ path });
    const traces = fileExporter.createTraces(h.settings, config);
    const logs = fileExporter.createLogs(h.settings, config);
    await traces.start();
    await logs.start();
    await traces.consumeTraces(named('span'));
    const body = ExportLogsServiceRequest.encode({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityText: 'INFO' }] }] }],
    });
    await logs.consumeLogs(new OtlpBatch(body.finish(), 1));
    await traces.shutdown();
    await logs.shutdown();
    expect(lines(path).map((line) => Object.keys(line)[0])).toEqual(['resourceSpans', 'resourceLogs']);
    expect(h.count('otelcol_exporter_sent_log_records')).toBe(1);
  });

  it('writes what is buffered at each interval', async () => {
    const { exporter } = exporterWith({ flush_interval: '10ms' });
    await exporter.start();
    await exporter.consumeTraces(named('a'));
    await until(() => readFileSync(path).length > 0);
    expect(spanNames(path)).toEqual(['a']);
    await exporter.shutdown();
  });

  it('writes at once when there is no interval', async () => {
    const { exporter } = exporterWith({ flush_interval: '0s' });
    await exporter.start();
    await exporter.consumeTraces(named('a'));
    expect(spanNames(path)).toEqual(['a']);
    await exporter.shutdown();
  });

  it.each([
    [false, ['new']],
    [true, ['old', 'new']],
  ])('begins a new file, or goes on with the old one (append: %s)', async (append, expected) => {
    for (const name of ['old', 'new']) {
      const { exporter } = exporterWith({ append });
      await exporter.start();
      await exporter.consumeTraces(named(name));
      await exporter.shutdown();
    }
    expect(spanNames(path)).toEqual(expected);
  });

  it('puts full files aside and keeps the newest of them, every record whole and in order', async () => {
    const { exporter } = exporterWith({
      flush_interval: '0s',
      rotation: { max_megabytes: 0.001, max_backups: 3 },
    });
    await exporter.start();
    for (let i = 0; i < 30; i++) await exporter.consumeTraces(named(`span ${i}`));
    await exporter.shutdown();
    const files = readdirSync(directory).sort();
    const backups = files.filter((file) => /^out-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}\.json$/.test(file));
    expect(backups).toHaveLength(3);
    expect(files).toHaveLength(4);
    const kept = [...backups, 'out.json'].flatMap((file) => spanNames(join(directory, file)));
    expect(kept.at(-1)).toBe('span 29');
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `span ${30 - kept.length + i}`));
    for (const file of files) expect(readFileSync(join(directory, file)).length).toBeLessThan(1049);
  });

  it('writes several files from one buffer', async () => {
    const { exporter } = exporterWith({ rotation: { max_megabytes: 0.001, max_backups: 0 } });
    await exporter.start();
    for (let i = 0; i < 30; i++) await exporter.consumeTraces(named(`span ${10 + i}`));
    await exporter.shutdown();
    const files = readdirSync(directory).sort();
    const [current, ...backups] = [...files].reverse();
    expect(current).toBe('out.json');
    const all = [...backups.reverse(), 'out.json'].flatMap((file) => spanNames(join(directory, file)));
    expect(all).toEqual(Array.from({ length: 30 }, (_, i) => `span ${10 + i}`));
  });

  it('writes protobuf behind its length', async () => {
    const { exporter } = exporterWith({ format: 'proto' });
    await exporter.start();
    const batches = [named('a'), traceBatch(SHOP_ORDER)];
    for (const batch of batches) await exporter.consumeTraces(batch);
    await exporter.shutdown();
    let rest = readFileSync(path);
    for (const batch of batches) {
      const length = rest.readUInt32BE(0);
      expect(rest.subarray(4, 4 + length)).toEqual(Buffer.from(batch.encode()));
      rest = rest.subarray(4 + length);
    }
    expect(rest).toHaveLength(0);
  });

  it('makes missing directories only when told to', async () => {
    const deep = join(directory, 'a', 'b', 'out.json');
    await expect(exporterWith({ path: deep }).exporter.start()).rejects.toThrow('can not open');
    const { exporter } = exporterWith({ path: deep, create_directory: true });
    await exporter.start();
    await exporter.consumeTraces(named('a'));
    await exporter.shutdown();
    expect(spanNames(deep)).toEqual(['a']);
  });

  it('keeps what a full disk refuses, and counts it as lost when it has to stop', async () => {
    const { exporter, h } = exporterWith({ path: '/dev/full', append: true, flush_interval: '0s' });
    await exporter.start();
    await exporter.consumeTraces(named('a'));
    await exporter.consumeTraces(named('b'));
    expect(h.count('otelcol_exporter_send_failed_spans')).toBe(0);
    expect(h.logs.filter(({ msg }) => msg.includes('ENOSPC'))).toHaveLength(1);
    await exporter.shutdown();
    expect(h.count('otelcol_exporter_send_failed_spans')).toBe(2);
    expect(h.count('otelcol_exporter_sent_spans')).toBe(0);
  });

  it('refuses a batch that is no OTLP, and goes on', async () => {
    const { exporter } = exporterWith();
    await exporter.start();
    await expect(exporter.consumeTraces(new OtlpBatch(Buffer.from([0xff]), 1))).rejects.toThrow(
      'malformed OTLP',
    );
    await exporter.consumeTraces(named('good'));
    await exporter.shutdown();
    expect(spanNames(path)).toEqual(['good']);
  });

  it('leaves files of other names alone when it removes old ones', async () => {
    writeFileSync(join(directory, 'out-notes.json'), 'mine');
    const { exporter } = exporterWith({
      flush_interval: '0s',
      rotation: { max_megabytes: 0.0001, max_backups: 1 },
    });
    await exporter.start();
    for (let i = 0; i < 5; i++) await exporter.consumeTraces(named(`span ${i}`));
    await exporter.shutdown();
    expect(readFileSync(join(directory, 'out-notes.json'), 'utf8')).toBe('mine');
    expect(readdirSync(directory)).toHaveLength(3);
  });

  it.each([
    [{ path: '' }, 'path must be non-empty'],
    [{ append: true, rotation: {} }, 'append and rotation enabled at the same time is not supported'],
    [{ format: 'xml' }, 'json'],
  ])('refuses the configuration %o', (config, message) => {
    expect(() => fileExporter.config.parse({ path, ...config })).toThrow(message);
  });
});
