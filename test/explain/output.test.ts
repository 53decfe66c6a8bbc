import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtinFactories } from '../../src/components.ts';
import { explain } from '../../src/explain/explain.ts';
import { renderExplanation } from '../../src/explain/render.ts';
import { toJson } from '../../src/otlp/to-json.ts';
import { plain } from '../../src/terminal/paint.ts';
import { command, Scene } from '../correlate/scene.ts';
import { codes, texts } from './explained.ts';

let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'spanloom-explain-'));
  file = join(directory, 'traces.jsonl');
});
afterAll(() => rmSync(directory, { recursive: true }));

function ask(spanId: string, traceId?: string) {
  return explain({ file, spanId, traceId, sources: { locations: [] } }, builtinFactories);
}

function write(scene: Scene): void {
  writeFileSync(file, scene.releases.map((body) => `${toJson('traces', body)}\n`).join(''));
}

describe('an explanation from the output of the file exporter', () => {
  /** `stock` calls `price`, whose SDK begins a trace of its own. */
  function played() {
    const scene = new Scene();
    const stock = scene.process('stock');
    const price = scene.process('price');
    const outbound = scene.connection(stock, price);
    const request = scene.request(scene.connection(scene.stranger('web'), stock), 'GET /stock');
    const first = scene.start(stock, 'server', undefined, {
      'http.request.method': 'GET',
      'url.path': '/stock',
    });
    const call = scene.request(outbound, 'GET /price');
    const handler = scene.start(price, 'server', undefined, { 'network.peer.port': outbound.clientPort });
    scene.end(handler);
    scene.respond(call);
    scene.end(first);
    scene.respond(request);
    scene.export(first);
    scene.export(handler);
    scene.settle();
    write(scene);
    return { call, first, handler };
  }

  it('says what its attributes and the tree tell, in words, and what is not in the file', async () => {
    const { call, first, handler } = played();
    const { source, spans } = await ask(handler.spanId);
    expect(source).toBe('output');
    expect(spans).toHaveLength(1);
    const [explanation] = spans;
    expect(explanation!.span).toMatchObject({ parent_span_id: call.clientSpanId, service: 'price' });
    expect(codes(explanation!, 'parent')).toEqual(['linked']);
    expect(texts(explanation!, 'parent')).toContain(`CLIENT span ${call.clientSpanId} of stock`);
    expect(codes(explanation!, 'exchange')).toEqual(['describes']);
    expect(texts(explanation!, 'trace_id')).toContain(`sent it in trace ${handler.traceId}`);
    expect(explanation!.span.trace_id).toBe(first.traceId);
    expect(codes(explanation!, 'not_told')).toEqual(['needs_recording']);
  });

  it('lists what hangs under it', async () => {
    const { call, handler } = played();
    const [explanation] = (await ask(call.clientSpanId)).spans;
    expect(codes(explanation!, 'children')).toEqual(['child']);
    expect(texts(explanation!, 'children')).toContain(`SERVER span ${handler.spanId} of price (SDK)`);
  });

  it('finds it by the trace it came in as well as by the one it left in', async () => {
    const { first, handler } = played();
    expect((await ask(handler.spanId, handler.traceId)).spans).toHaveLength(1);
    expect((await ask(handler.spanId, first.traceId)).spans).toHaveLength(1);
    await expect(ask(handler.spanId, 'c'.repeat(32))).rejects.toMatchObject({
      code: 'SPANLOOM_EXPLAIN_NOT_FOUND',
    });
  });

  it('says that evidence named several requests', async () => {
    const scene = new Scene({ evidence: new Set(['request_id']) });
    const stock = scene.process('stock');
    const id = { 'x-request-id': '7' };
    const requests = [1, 2].map(() =>
      scene.request(scene.connection(scene.stranger('web'), stock), 'GET /', id),
    );
    const call = scene.exchange(scene.connection(stock, scene.stranger('api')), 'GET /', id);
    for (const request of requests) scene.respond(request);
    scene.settle();
    write(scene);
    const [explanation] = (await ask(call.clientSpanId)).spans;
    expect(codes(explanation!, 'parent')).toEqual(['root_ambiguous']);
  });

  it('says that an exchange had not ended when it left', async () => {
    const scene = new Scene();
    const stock = scene.process('stock');
    const call = scene
      .call(scene.connection(stock, scene.stranger('db')), command('redis', 'GET'))
      .clientWrites();
    scene.correlator.shutdown();
    write(scene);
    const [explanation] = (await ask(call.clientSpanId)).spans;
    expect(codes(explanation!, 'times')).toEqual(['began', 'incomplete']);
  });

  it('reads as sentences under headings', async () => {
    const { handler } = played();
    const [explanation] = (await ask(handler.spanId)).spans;
    const lines = renderExplanation(explanation!, plain, 80).split('\n');
    expect(lines[0]).toBe(`SERVER span ${handler.spanId}  price  server  sdk`);
    expect(lines).toEqual(
      expect.arrayContaining(['Parent', 'Trace id', 'Times', 'Children', 'Not in this file']),
    );
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('a file that cannot be explained from', () => {
  it.each([
    ['is none of the two kinds', 'hello\n', 'SPANLOOM_EXPLAIN_FILE'],
    ['is damaged in its middle', `{"${'b'.repeat(16)}\n{}\n`, 'SPANLOOM_EXPLAIN_FILE'],
    ['has no such span', '{"resourceSpans":[]}\n', 'SPANLOOM_EXPLAIN_NOT_FOUND'],
    ['ends in a line that is not whole', `{}\n{"resource ${'b'.repeat(16)}`, 'SPANLOOM_EXPLAIN_NOT_FOUND'],
    ['is empty', '', 'SPANLOOM_EXPLAIN_FILE'],
  ])('is refused with its reason when it %s', async (_, content, code) => {
    writeFileSync(file, content);
    await expect(ask('b'.repeat(16))).rejects.toMatchObject({ code });
  });

  it('is refused when it is not there', async () => {
    rmSync(file);
    await expect(ask('b'.repeat(16))).rejects.toMatchObject({ code: 'SPANLOOM_EXPLAIN_FILE' });
  });
});
