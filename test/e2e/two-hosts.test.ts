import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pythonProgram } from '../../bench/links/cases/common/python.ts';
import { reach } from '../../bench/links/cases/hosts/ways.ts';
import { makePlace, type OwnedPlace } from '../../bench/links/place.ts';
import type { ManagedProcess } from '../../examples/shop/run/managed-process.ts';
import { startSpanloom } from '../../examples/shop/run/spanloom.ts';
import { Counters } from '../../src/collector/counters.ts';
import { RedisRendezvous } from '../../src/correlate/rendezvous/redis.ts';
import { RendezvousCounters } from '../../src/correlate/rendezvous/rendezvous-counters.ts';
import { readSpans, type Span } from '../support/otlp-json.ts';

/** Hosts of the test are network namespaces joined by veth; the second host's clock is ahead. */
const CLOCKS_DIFFER_MS = 200;
const AT_A_TIME = 4;
/** Of a request: front's and back's SERVER and CLIENT spans. */
const SPANS = 4;
const PATIENCE_MS = 15_000;
const LEAF_PORT = 8100;

const CHAIN = ['front SERVER', 'front CLIENT', 'back SERVER', 'back CLIENT'];
const HALVES = [CHAIN.slice(0, 2), CHAIN.slice(2)];

describe('two hosts', () => {
  let place: OwnedPlace;
  let url: string;
  let pids: { readonly front: number; readonly back: number };
  let asked: number;

  beforeEach(async () => {
    asked = 0;
    place = makePlace({ targets: 'equal' }, AT_A_TIME);
    const { far, listen, find } = await reach(place, 'direct');
    const service = (name: string, env: Readonly<Record<string, string | number>>) =>
      pythonProgram('hosts/service.py', { OTEL_SERVICE_NAME: name, ...env });
    const leaf = `127.0.0.1:${LEAF_PORT}`;
    await far.start(service('leaf', { LISTEN: leaf }), LEAF_PORT);
    const back = await far.start(
      service('back', { LISTEN: listen, UPSTREAM: leaf, CALL: 2 }),
      Number(listen.split(':')[1]),
    );
    const [port] = (await place.ports(1)) as [number];
    const env = { LISTEN: `127.0.0.1:${port}`, UPSTREAM: find, CALL: 1 };
    const front = await place.start(service('front', env), port);
    url = `http://127.0.0.1:${port}`;
    pids = { front: front.pid, back: back.pid };
  });
  afterEach(() => place.stop());

  async function ask(count: number): Promise<void> {
    const line = async () => {
      for (let i = 0; i < count / AT_A_TIME; i++) {
        const headers = { 'x-label': `LBL-${String(++asked).padStart(6, '0')}-0` };
        expect((await fetch(url, { headers })).status).toBe(200);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, line));
  }

  /** A pipeline for each host that is given by the pid of its service, in one Spanloom. */
  async function start(
    name: string,
    hosts: Readonly<Record<string, number>>,
    rendezvous: object,
    env: Readonly<Record<string, string>> = {},
  ) {
    const output = join(place.workDir, `${name}.jsonl`);
    const configFile = join(place.workDir, `${name}.yaml`);
    const each = <T>(type: string, section: (pid: number) => T) =>
      Object.fromEntries(Object.entries(hosts).map(([host, pid]) => [`${type}/${host}`, section(pid)]));
    writeFileSync(
      configFile,
      JSON.stringify({
        receivers: each('ebpf', (pid) => ({ instrument: [{ target_pids: [pid] }] })),
        processors: each('correlate', () => ({ decision_wait: '3s', rendezvous })),
        exporters: { file: { path: output } },
        service: {
          telemetry: { metrics: { level: 'none' } },
          pipelines: Object.fromEntries(
            Object.keys(hosts).map((host) => [
              `traces/${host}`,
              { receivers: [`ebpf/${host}`], processors: [`correlate/${host}`], exporters: ['file'] },
            ]),
          ),
        },
      }),
    );
    const logFile = join(place.workDir, `${name}.log`);
    const spanloom = await startSpanloom({ configFile, logFile, env });
    place.onStop(() => spanloom.stop());
    return { output, logFile };
  }

  /** The spans written since `from` others were, when there are as many as expected or none comes any more. */
  async function spansOf(outputs: readonly string[], from: number, expected: number): Promise<Span[]> {
    const read = () => outputs.flatMap((output) => readSpans(output));
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(100))
      if (read().length >= from + expected) break;
    return read().slice(from);
  }

  it('make one trace where their pipelines meet in one process', async () => {
    const { output } = await start('both', { near: pids.front, far: pids.back }, { store: 'memory' });
    await ask(40);
    const spans = await spansOf([output], 0, 40 * SPANS);
    expect(chains(spans)).toEqual(Array(40).fill(CHAIN));
  });

  it('make one trace where they meet in Redis, and lose nothing while that is silent or gone', async () => {
    const [port] = (await place.ports(1)) as [number];
    const redis = await startRedis(place, port);
    const rendezvous = { store: 'redis', endpoint: `redis://127.0.0.1:${port}`, timeout: '800ms' };
    const hosts = [
      await start('near', { near: pids.front }, rendezvous),
      await start('far', { far: pids.back }, rendezvous, {
        SPANLOOM_TEST_CLOCK_SHIFT_MS: String(CLOCKS_DIFFER_MS),
      }),
    ];
    const outputs = hosts.map(({ output }) => output);

    await ask(20);
    const linked = await spansOf(outputs, 0, 20 * SPANS);
    expect(chains(linked)).toEqual(Array(20).fill(CHAIN));
    for (const [call, request] of pairs(linked))
      expect(request.startUnixNano - call.startUnixNano).toBeGreaterThan(
        BigInt(CLOCKS_DIFFER_MS) * 1_000_000n,
      );

    process.kill(redis.pid, 'SIGSTOP');
    await ask(12);
    await spansOf(outputs, 20 * SPANS, 12 * SPANS);
    await redis.stop('SIGKILL');
    await ask(12);
    const all = await spansOf(outputs, 0, 44 * SPANS);
    expect(all).toHaveLength(44 * SPANS);
    const unlinked = all.filter((span) => !linked.some(({ spanId }) => spanId === span.spanId));
    expect(chains(unlinked)).toEqual(HALVES.flatMap((half) => Array(24).fill(half)).sort(byText));
    for (const { logFile } of hosts) expect(lines(logFile, /can not be used/)).toBe(1);

    await startRedis(place, port);
    for (const { logFile } of hosts) await until(() => lines(logFile, /rendezvous at \S+ is back/) === 1);
    await ask(20);
    const later = (await spansOf(outputs, 0, 64 * SPANS)).filter(
      (span) => !all.some(({ spanId }) => spanId === span.spanId),
    );
    expect(chains(later)).toEqual(Array(20).fill(CHAIN));
  });
});

describe('a Redis server without room', () => {
  it('holds nothing up, which is counted and said once', async () => {
    const place = makePlace({ targets: 'equal' }, 1);
    try {
      const [port] = (await place.ports(1)) as [number];
      await startRedis(place, port, '--maxmemory', '1');
      const counters = new RendezvousCounters(new Counters(), 'correlate');
      const lost: string[] = [];
      const store = new RedisRendezvous({
        endpoint: `redis://127.0.0.1:${port}`,
        username: undefined,
        password: undefined,
        keyPrefix: 'spanloom:',
        timeout: 1e9,
        promiseTtl: 60e9,
        ttl: 60e9,
        maxWaiting: 100,
        counters,
        lost: ({ message }) => lost.push(message),
        back: () => lost.push('back'),
      });
      store.open();
      store.promise('one');
      store.decide('two', { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), sampled: true });
      await until(() => counters.failures('tell').value === 2);
      const answers: unknown[] = [];
      store.ask(['one', 'two'], (_, answer) => answers.push(answer));
      await until(() => answers.length === 2);
      await store.close();
      expect(answers).toEqual(['unknown', 'unknown']);
      expect(lost).toEqual([expect.stringContaining('OOM')]);
    } finally {
      await place.stop();
    }
  });
});

/** A server that keeps nothing on the disk. */
function startRedis(place: OwnedPlace, port: number, ...more: readonly string[]): Promise<ManagedProcess> {
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', place.workDir];
  return place.start({ name: 'redis', command: 'redis-server', args: [...args, ...more] }, port);
}

/** Each root's spans, each the child of the one before. */
function chains(spans: readonly Span[]): string[][] {
  const isThere = new Set(spans.map((span) => span.spanId));
  return spans
    .filter((span) => !isThere.has(span.parentSpanId))
    .map((root) => {
      // A parent that is named and not there is seen in what comes out.
      const chain = root.parentSpanId === '' ? [] : ['under nothing'];
      for (let span: Span | undefined = root; span; ) {
        chain.push(`${span.resource['service.name']} ${span.kind}`);
        const { spanId, traceId }: Span = span;
        span = spans.find((child) => child.parentSpanId === spanId && child.traceId === traceId);
      }
      return chain;
    })
    .sort(byText);
}

/** Calls between the hosts, with the requests that they are there. */
function pairs(spans: readonly Span[]): [call: Span, request: Span][] {
  return spans.flatMap((request) => {
    const call = spans.find(({ spanId, kind }) => spanId === request.parentSpanId && kind === 'CLIENT');
    return call && request.kind === 'SERVER' ? [[call, request] as [Span, Span]] : [];
  });
}

function byText(a: readonly string[], b: readonly string[]): number {
  return a.join() < b.join() ? -1 : a.join() > b.join() ? 1 : 0;
}

function lines(file: string, pattern: RegExp): number {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => pattern.test(line)).length;
}

async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline && !holds(); await sleep(100));
  expect(holds()).toBe(true);
}
