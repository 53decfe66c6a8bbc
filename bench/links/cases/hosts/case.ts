import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LinkCase, Need, Place, Running, Variant } from '../../case.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
import { versionOf } from '../common/build.ts';
import { NEEDS_PYTHON, pythonProgram, pythonVersion } from '../common/python.ts';
import { HAPROXY, NFT, reach, type Way } from './ways.ts';

interface HostsVariant extends Variant {
  readonly name: string;
  readonly way: Way;
  /** They meet live, in a Redis server. */
  readonly redis?: boolean;
  /** Requests come with a `traceparent`, which is handed on. */
  readonly header?: boolean;
}

const variants = [
  { name: 'direct', way: 'direct' },
  { name: 'direct-redis', way: 'direct', redis: true },
  { name: 'nat', way: 'nat' },
  { name: 'nat-redis', way: 'nat', redis: true },
  {
    name: 'proxy',
    way: 'proxy',
    recallNotAsked: 'an unobserved proxy ends the connections, and nothing else tells',
  },
  { name: 'proxy-header', way: 'proxy', header: true },
].map((variant) => ({ targets: 'equal', ...variant })) as unknown as readonly [
  HostsVariant,
  ...HostsVariant[],
];

const REDIS = '/usr/bin/redis-server';
const NEEDS: readonly Need[] = [
  NEEDS_PYTHON,
  { program: 'ip', from: 'Debian package iproute2' },
  { program: HAPROXY, from: 'Debian package haproxy' },
  { program: NFT, from: 'Debian package nftables' },
  { program: REDIS, from: 'Debian package redis-server' },
];

const LEAF_PORT = 8100;
/** Until what is decided on one host has been asked for on the other. */
const LIVE_SETTLE_MS = 9000;

async function start(place: Place): Promise<Running> {
  const { way, redis, header } = variants.find(({ name }) => name === place.variant.name)!;
  const { far, listen, find } = await reach(place, way);
  const farRecords = join(place.workDir, 'far-records');
  mkdirSync(farRecords);
  const leaf = `127.0.0.1:${LEAF_PORT}`;
  await far.start(service({ LISTEN: leaf }), LEAF_PORT);
  const back = await far.start(
    service({ LISTEN: listen, UPSTREAM: leaf, CALL: 2, RECORDS: farRecords }),
    Number(listen.split(':')[1]),
  );
  const [port] = (await place.ports(1)) as [number];
  const front = await place.start(service({ LISTEN: `127.0.0.1:${port}`, UPSTREAM: find, CALL: 1 }), port);
  return {
    instrument: withChildren(front.pid),
    load: http(port, header ? { headers: () => ({ traceparent: newContext() }) } : {}),
    ...(redis && { settleMs: LIVE_SETTLE_MS }),
    far: {
      instrument: withChildren(back.pid),
      right: header ? 'in its trace' : 'under the call',
      ...(redis && {
        rendezvous: { store: 'redis', endpoint: `redis://127.0.0.1:${await startRedis(place)}` },
      }),
    },
  };
}

function service(env: Readonly<Record<string, string | number>>) {
  return pythonProgram('hosts/service.py', env);
}

async function startRedis(place: Place): Promise<number> {
  const [port] = (await place.ports(1)) as [number];
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', place.workDir];
  await place.start({ name: 'redis', command: REDIS, args }, port);
  return port;
}

function newContext(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

export const hostsCase: LinkCase = {
  name: 'two-hosts',
  shows:
    'Python’s ThreadingHTTPServer calls the same on another host: two network namespaces joined by veth, a Spanloom for each, ' +
    'the second one’s clock 200 ms ahead. What is judged is where a request hangs on the second host: under its call on the first. ' +
    '`direct`; `nat`: source and destination rewritten by nftables; `proxy`: HAProxy in mode tcp, which nobody observes, `proxy-header` ' +
    'with a `traceparent` that both hand on, where a request need only be in the trace of its call. They meet in memory, recordings ' +
    'replayed together, or live in Redis (`-redis`).',
  variants,
  needs: NEEDS,
  versions: () =>
    [
      pythonVersion(),
      versionOf(HAPROXY, '-v').split(' ').slice(0, 3).join(' '),
      versionOf(NFT, '--version'),
      versionOf(REDIS, '--version').replace(/ sha=.*/, ''),
    ].join(', '),
  start,
};
