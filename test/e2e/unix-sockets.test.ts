import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSpanloom } from '../../examples/shop/run/spanloom.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { readSpans, type Span } from '../support/otlp-json.ts';
import { writeConfig } from '../support/spanloom-config.ts';
import { startUnixServices, type UnixServices } from './unix-sockets/services.ts';

const COMMANDS = ['GET', 'EXISTS', 'STRLEN', 'TTL'];
const PATIENCE_MS = 20_000;

describe('services that talk over Unix sockets', () => {
  let workDir: string;
  let services: UnixServices;
  beforeEach(async () => {
    workDir = makeWorkDir();
    services = await startUnixServices(workDir);
  });
  afterEach(async () => {
    await services?.stop();
    removeWorkDir(workDir);
  });

  /** Requests `n<from>` … one after the other on each of `concurrency` lines. */
  async function ask(from: number, count: number, concurrency: number, below = ''): Promise<void> {
    let next = from;
    const line = async () => {
      while (next < from + count) {
        const name = `n${next++}`;
        const response = await fetch(`${services.url}${below}/${name}`);
        expect([response.status, await response.text()]).toEqual([200, name]);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, line));
  }

  async function start(name: string) {
    const output = join(workDir, `${name}.jsonl`);
    const ebpf = { instrument: services.instrument };
    const configFile = writeConfig(workDir, name, { ebpf, correlate: { decision_wait: '1s' }, output });
    const spanloom = await startSpanloom({ configFile, logFile: join(workDir, `${name}.log`) });
    return { output, spanloom };
  }

  async function spansOf(output: string, expected: number): Promise<Span[]> {
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(200))
      if (readSpans(output).length >= expected) break;
    return readSpans(output);
  }

  it.each([
    ['connections that are kept, and older than Spanloom', ''],
    ['a connection for each request', '/new'],
  ])('make one tree a request, each call seen from both its ends: %s', async (_, below) => {
    await ask(0, 20, 4, below);
    const { output, spanloom } = await start('spans');
    await ask(100, 200, 4, below);
    const spans = await spansOf(output, 200 * 7);
    await spanloom.stop();

    const trees = new Map<string, Span[]>();
    for (const span of spans) trees.set(span.traceId, [...(trees.get(span.traceId) ?? []), span]);
    const asked = Array.from({ length: 200 }, (_, i) => treeOf(100 + i, below));
    expect([...trees.values()].map(outline).sort()).toEqual(asked.sort());
  });

  it('say which socket it was', async () => {
    const { output, spanloom } = await start('spans');
    await ask(0, 1, 1);
    const spans = await spansOf(output, 7);
    await spanloom.stop();
    const at = (service: string, kind: string, protocol = '') =>
      spans.find(
        (span) =>
          String(span.resource['service.name']).startsWith(service) &&
          span.kind === kind &&
          `${span.attributes['db.system.name'] ?? ''}` === protocol,
      )?.attributes;
    const { app, redis, postgres } = services.sockets;
    const unix = { 'network.transport': 'unix' };
    expect(at('nginx', 'CLIENT')).toMatchObject({
      ...unix,
      'network.peer.address': app,
      'server.address': 'app',
    });
    expect(at('app', 'SERVER')).toMatchObject({ ...unix, 'network.local.address': app });
    expect(at('app', 'CLIENT', 'redis')).toMatchObject({ ...unix, 'server.address': redis });
    expect(at('redis', 'SERVER', 'redis')).toMatchObject({ ...unix, 'server.address': redis });
    expect(at('app', 'CLIENT', 'postgresql')).toMatchObject({ ...unix, 'server.address': postgres });
    expect(at('postgres', 'SERVER', 'postgresql')).toMatchObject({ ...unix, 'server.address': postgres });
    for (const attributes of spans
      .filter(({ attributes }) => attributes['network.transport'])
      .map((s) => s.attributes))
      expect(attributes).not.toHaveProperty(['server.port']);
  });

  it('are never tied to another request while Spanloom starts and stops under load', async () => {
    const load = { over: false };
    const customers = [0, 1, 2, 3].map(async (line) => {
      for (let from = 1000 * line; !load.over; from += 10) await ask(from, 10, 1, line % 2 ? '/new' : '');
    });
    const all: Span[] = [];
    for (let life = 0; life < 6; life++) {
      const { output, spanloom } = await start(`life-${life}`);
      await sleep(300 + 200 * life);
      await spanloom.stop(life % 2 ? 'SIGKILL' : 'SIGTERM');
      all.push(...readSpans(output));
    }
    load.over = true;
    await Promise.all(customers);

    expect(all.length).toBeGreaterThan(500);
    const byId = new Map(all.map((span) => [span.spanId, span]));
    expect(byId.size).toBe(all.length);
    const pairs = all.filter((span) => span.attributes['spanloom.link.evidence'] === 'peer');
    expect(pairs.length).toBeGreaterThan(200);
    const wrong = pairs.filter((span) => {
      const peer = byId.get(span.parentSpanId);
      return !peer || said(peer) !== said(span);
    });
    expect(wrong.map((span) => [said(span), said(byId.get(span.parentSpanId))])).toEqual([]);
  });
});

/** What both ends of a call must agree on. */
function said(span: Span | undefined): unknown {
  if (!span) return undefined;
  const { attributes } = span;
  if (attributes['db.query.text'] !== undefined) return attributes['db.query.text'];
  const url = String(attributes['url.full'] ?? attributes['url.path'] ?? span.name);
  return url.replace(/^[^:]+:\/\/[^/]*/, '');
}

/** One line a span, indented below its parent. */
function outline(spans: readonly Span[]): string {
  const below = (parent: string, depth: number): string[] =>
    spans
      .filter((span) => span.parentSpanId === parent)
      .map((span) => ['\n', '  '.repeat(depth), label(span), ...below(span.spanId, depth + 1)].join(''))
      .sort();
  return below('', 0).join('');
}

function label(span: Span): string {
  // Debian's redis-server is a link to this, and hides its environment behind its title.
  const service = String(span.resource['service.name']).replace('redis-check-rdb', 'redis');
  return `${service} ${span.kind} ${said(span)}`;
}

function treeOf(number: number, below: string): string {
  const path = `${below}/n${number}`;
  const calls = [
    ['postgres', `SELECT ? AS n${number}`],
    ['redis', `${COMMANDS[number % COMMANDS.length]} key`],
  ].map(([service, text]) => `\n      app CLIENT ${text}\n        ${service} SERVER ${text}`);
  return `
nginx SERVER ${path}
  nginx CLIENT ${path}
    app SERVER ${path}${calls.sort().join('')}`;
}
