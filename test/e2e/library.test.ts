import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as spanloom from '../../src/index.ts';
import { toJson } from '../../src/otlp/to-json.ts';
import { GrpcSink } from '../support/otlp-sink.ts';
import { ConsumerProject, node, pack } from './library/consumer-project.ts';

const SDK_2 = [
  '@opentelemetry/api@1.9.1',
  '@opentelemetry/sdk-trace-base@2.12.1',
  '@opentelemetry/resources@2.12.1',
  '@opentelemetry/exporter-trace-otlp-grpc@0.223.1',
  '@types/node@20.19.43',
];
const SDK_3 = [
  '@opentelemetry/api@1.10.0',
  '@opentelemetry/sdk-trace@3.1.1',
  '@opentelemetry/resources@3.1.1',
  '@opentelemetry/exporter-trace-otlp-grpc@0.301.0',
  '@types/node@20.19.43',
];
const NODE_24 = '24.21.0';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

const workDir = mkdtempSync(join(tmpdir(), 'spanloom-library-'));
let tarball: string;
let paths: string[];

beforeAll(async () => {
  ({ tarball, paths } = await pack(workDir));
});
afterAll(() => rmSync(workDir, { recursive: true, force: true }));

interface ConsumerSpan {
  readonly name: string;
  readonly spanId: string;
  readonly [field: string]: unknown;
}

/** Runs the consumer's application against a backend that is not there at first; checks both ends of its pipeline. */
async function checkPipeline(project: ConsumerProject): Promise<void> {
  const unavailable = { status: 14, message: 'not yet' };
  const sink = await GrpcSink.start({ respond: (_request, index) => (index === 0 ? unavailable : 'ok') });
  try {
    const printed = JSON.parse(await project.run('main.js', `http://${sink.endpoint}`));
    expect(printed).toMatchObject({ again: 2, batches: 1, failed: 0, exporter: 'function' });
    const spans: ConsumerSpan[] = printed.spans;
    const server = spans.find(({ name }) => name === 'GET /orders')!;
    const query = spans.find(({ name }) => name === 'SELECT orders')!;
    const shared = {
      traceId: TRACE_ID,
      traceState: 'rojo=1,congo=2',
      resource: { 'service.name': 'shop', 'host.id': 'h1' },
      scope: { name: 'shop-tracer', version: '1.2.3', schemaUrl: 'https://example.test/schema' },
    };
    expect(server).toMatchObject({
      ...shared,
      kind: 1,
      status: { code: 0 },
      parent: '00f067aa0ba902b7',
      remote: true,
      attributes: { 'http.request.method': 'GET', items: 3, ratio: 0.25, fresh: true, tags: ['a', 'b'] },
      links: [{ spanId: '00f067aa0ba902b8', attributes: { reason: 'retry' } }],
      times: [
        [1_800_000_000, 123_456_789],
        [1_800_000_001, 0],
      ],
    });
    expect(query).toMatchObject({
      ...shared,
      kind: 2,
      status: { code: 2, message: 'no such table' },
      parent: server.spanId,
      remote: false,
      events: [{ name: 'row', time: [1_800_000_000, 300_000_000], attributes: { number: 7 } }],
    });
    checkExported(sink, server, query);
  } finally {
    await sink.close();
  }
}

/** What the SDK's exporter made of the same spans. */
function checkExported(sink: GrpcSink, server: ConsumerSpan, query: ConsumerSpan): void {
  expect([sink.requests.length, sink.accepted.length]).toEqual([2, 1]);
  const { resourceSpans } = JSON.parse(toJson('traces', sink.accepted[0]!.body));
  expect(resourceSpans).toHaveLength(1);
  const [{ resource, scopeSpans }] = resourceSpans;
  expect(resource.attributes).toEqual([
    { key: 'service.name', value: { stringValue: 'shop' } },
    { key: 'host.id', value: { stringValue: 'h1' } },
  ]);
  expect(scopeSpans).toMatchObject([
    { scope: { name: 'shop-tracer', version: '1.2.3' }, schemaUrl: 'https://example.test/schema' },
  ]);
  const spans: ConsumerSpan[] = scopeSpans[0].spans;
  expect(spans).toHaveLength(2);
  expect(spans.find(({ name }) => name === 'GET /orders')).toMatchObject({
    traceId: TRACE_ID,
    spanId: server.spanId,
    parentSpanId: '00f067aa0ba902b7',
    traceState: 'rojo=1,congo=2',
    kind: 2,
    flags: 0x301,
    startTimeUnixNano: '1800000000123456789',
    links: [{ traceId: TRACE_ID, spanId: '00f067aa0ba902b8', flags: 0x301 }],
  });
  expect(spans.find(({ name }) => name === 'SELECT orders')).toMatchObject({
    spanId: query.spanId,
    parentSpanId: server.spanId,
    kind: 3,
    flags: 0x101,
    events: [{ name: 'row', timeUnixNano: '1800000000300000000' }],
    status: { code: 2, message: 'no such table' },
  });
}

/** The examples of the reference, each a module of the consumer; and one that runs them all. */
function addExamples(project: ConsumerProject): number {
  const reference = readFileSync(join(project.installed, 'docs/api.md'), 'utf8');
  const blocks = [...reference.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code!);
  const examples = blocks.filter((code) => code.includes("from 'spanloom'"));
  for (const [index, code] of examples.entries()) writeFileSync(project.path(`example-${index}.ts`), code);
  const all = examples.map((_, index) => `await import('./example-${index}.js');\n`).join('');
  writeFileSync(project.path('examples.ts'), `${all}console.log('all ran');\nexport {};\n`);
  return examples.length;
}

describe('the packed library', () => {
  it('carries what was built, its licences and its documentation, and nothing else', () => {
    expect(paths).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'dist/cli.js',
        'dist/index.d.ts',
        'dist/index.js',
        'bpf/build/capture.bpf.o',
        'native/build/spanloom.node',
        'native/vendor/libbpf/LICENSE.BSD-2-Clause',
        'docs/api.md',
      ]),
    );
    const places =
      /^(dist|bpf|docs)\/|^native\/(README\.md|build\/spanloom\.node|vendor\/libbpf\/LICENSE)|^[^/]*$/;
    expect(paths.filter((path) => !places.test(path) || path.endsWith('.map'))).toEqual([]);
  });

  it('serves an application with the SDK 2.x, in TypeScript, without a compiler for C', {
    timeout: 180_000,
  }, async () => {
    const project = new ConsumerProject(join(workDir, 'sdk-2'), process.execPath);
    await project.install(tarball, 'sdk-2', SDK_2);
    const { scripts } = JSON.parse(readFileSync(join(project.installed, 'package.json'), 'utf8'));
    for (const hook of ['preinstall', 'install', 'postinstall']) expect(scripts).not.toHaveProperty(hook);

    expect(addExamples(project)).toBeGreaterThan(20);
    await project.compile();
    await checkPipeline(project);
    expect(await project.run('examples.js')).toMatch(/all ran\n$/);

    const required = JSON.parse(await project.run('required.cjs'));
    expect(required).toMatchObject({ state: 'closed', addons: [] });
    expect(required.exports.sort()).toEqual(Object.keys(spanloom).sort());

    const addon = join(project.installed, 'native/build/spanloom.node');
    expect(JSON.parse(await project.run('with-ebpf.js'))).toEqual({ outcome: 'started', addons: [addon] });
    rmSync(join(project.installed, 'native/build'), { recursive: true });
    expect(JSON.parse(await project.run('with-ebpf.js'))).toEqual({
      outcome: 'SPANLOOM_ADDON_MISSING',
      addons: [],
    });
    await checkPipeline(project);
    expect(JSON.parse(await project.run('required.cjs')).state).toBe('closed');
  });

  it(`serves an application with the SDK 3.x on Node ${NODE_24}`, { timeout: 180_000 }, async (test) => {
    let binary: string;
    try {
      binary = await node(NODE_24);
    } catch (error) {
      test.skip(`npm can not install Node ${NODE_24} here: ${(error as Error).message}`);
      return;
    }
    const project = new ConsumerProject(join(workDir, 'sdk-3'), binary);
    await project.install(tarball, 'sdk-3', SDK_3);
    await project.compile();
    await checkPipeline(project);
    expect(JSON.parse(await project.run('required.cjs')).state).toBe('closed');
    const addon = join(project.installed, 'native/build/spanloom.node');
    expect(JSON.parse(await project.run('with-ebpf.js'))).toEqual({ outcome: 'started', addons: [addon] });
  });
});
