import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import { ManagedProcess, run } from '../../examples/shop/run/managed-process.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { captureSpans } from '../support/capture-spans.ts';
import type { Span } from '../support/otlp-json.ts';

const program = (name: string) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));

/** What the client sends, in the order of its file. */
const EXCHANGES = [
  'GET /kept-alive 200',
  'HEAD /kept-alive 200',
  'GET /kept-alive 200',
  'GET /missing 404',
  'GET /fail 500',
  'GET /large 200',
  'GET /ipv6 200',
  'POST /echo 200',
  'PUT /echo 200',
  'GET /first 200',
  'GET /second 200',
  'GET /third 200',
  'GET /late 200',
  'GET /split 200',
  'GET /upgrade 101',
];

function summary({ attributes }: Span): string {
  const path = attributes['url.path'] ?? new URL(String(attributes['url.full'])).pathname;
  return `${attributes['http.request.method']} ${path} ${attributes['http.response.status_code']}`;
}

function inOrder(spans: readonly Span[]): Span[] {
  return [...spans].sort((a, b) => (a.startUnixNano < b.startUnixNano ? -1 : 1));
}

describe('HTTP between programs that nobody instrumented', () => {
  let workDir: string;
  let server: ManagedProcess | undefined;
  beforeEach(() => {
    workDir = makeWorkDir();
  });
  afterEach(async () => {
    await server?.stop();
    removeWorkDir(workDir);
  });

  it('is one span an exchange on either side, whatever the client and the server do with the connection', async () => {
    const [port] = (await freePorts(1)) as [number];
    const logFile = join(workDir, 'programs.log');
    const node = { command: process.execPath, logFile };
    server = new ManagedProcess({
      ...node,
      name: 'server',
      args: [program('http-server.mjs'), String(port)],
    });
    await server.listening(port);
    const spans = await captureSpans({
      workDir,
      instrument: [{ open_ports: String(port) }, { cmd_args: '*http-client.mjs*' }],
      action: () => run({ ...node, name: 'client', args: [program('http-client.mjs'), String(port)] }),
      expected: 2 * EXCHANGES.length,
    });

    for (const [kind, service] of [
      ['CLIENT', 'http-client'],
      ['SERVER', 'http-server'],
    ]) {
      const side = inOrder(spans.filter((span) => span.kind === kind));
      expect(side.map(summary).sort(), kind).toEqual([...EXCHANGES].sort());
      expect(new Set(side.map((span) => span.resource['service.name']))).toEqual(new Set([service]));
      for (const span of side) expect(span.endUnixNano, span.name).toBeGreaterThan(span.startUnixNano);
    }
    const large = spans.filter((span) => summary(span) === 'GET /large 200');
    expect(large.map((span) => span.attributes['http.response.body.size'])).toEqual([1 << 20, 1 << 20]);
    const failed = spans
      .filter((span) => span.statusCode === 2)
      .map((span) => `${span.kind} ${summary(span)}`);
    expect(failed.sort()).toEqual([
      'CLIENT GET /fail 500',
      'CLIENT GET /missing 404',
      'SERVER GET /fail 500',
    ]);
  });

  it('is seen at a server of HTTP/1.0 that closes after each answer', async () => {
    const [port] = (await freePorts(1)) as [number];
    const root = join(workDir, 'root');
    mkdirSync(root);
    writeFileSync(join(root, 'page.txt'), 'a page');
    server = new ManagedProcess({
      name: 'http.server',
      command: '/usr/bin/python3',
      args: ['-m', 'http.server', String(port), '--bind', '127.0.0.1', '--directory', root],
      logFile: join(workDir, 'server.log'),
    });
    await server.listening(port);
    const spans = await captureSpans({
      workDir,
      instrument: [{ open_ports: String(port) }],
      action: async () => {
        for (const path of ['page.txt', 'none.txt'])
          await (await fetch(`http://127.0.0.1:${port}/${path}`)).text();
      },
      expected: 2,
    });
    expect(inOrder(spans).map((span) => `${span.kind} ${summary(span)}`)).toEqual([
      'SERVER GET /page.txt 200',
      'SERVER GET /none.txt 404',
    ]);
    for (const span of spans) expect(span.resource['service.name']).toBe('http.server');
  });
});
