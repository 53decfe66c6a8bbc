import type { LinkCase, Place, Running, Variant } from '../../case.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
import { build, builtIn, versionOf } from '../common/build.ts';

const JAVA = '/usr/bin/java';
/** The first with virtual threads that Debian's archive lacks. */
const TEMURIN = '/usr/lib/jvm/temurin-25-jdk-amd64/bin/java';

async function start(place: Place, mode: string, java = JAVA): Promise<Running> {
  const [port] = (await place.ports(1)) as [number];
  const upstream = await place.upstream();
  const server = await place.start(
    {
      name: `java-${mode}`,
      command: java,
      args: [
        '-Xmx256m',
        '-Dsun.net.httpserver.nodelay=true',
        '-Dsun.net.httpserver.maxIdleConnections=1000',
        '-Dhttp.maxConnections=100',
        '-cp',
        builtIn(place.cache, 'java'),
        'Server',
      ],
      env: { MODE: mode, PORT: String(port), UPSTREAM: String(upstream.port) },
    },
    port,
  );
  return { instrument: withChildren(server.pid), load: http(port) };
}

const java = {
  needs: [
    { program: JAVA, from: 'Debian package openjdk-17-jre-headless' },
    { program: 'javac', from: 'Debian package openjdk-17-jdk-headless' },
  ],
  versions: () => version(JAVA),
  prepare: (cache: string) =>
    build(cache, {
      name: 'java',
      command: 'javac',
      args: ['--release', '17', '-d', 'OUT', 'Server.java'],
    }),
};

function version(command: string): string {
  return `Java ${versionOf(command, '--version')}`;
}

const both: readonly [Variant, Variant] = [{ targets: 'differ' }, { targets: 'equal' }];

function onlyTheRuntimeKnows(why: string): readonly [Variant, Variant] {
  return [
    { targets: 'differ', recallNotAsked: why },
    { targets: 'equal', recallNotAsked: why },
  ];
}

export const javaCases = [
  {
    ...java,
    name: 'java-threads',
    shows: 'The JDK’s HttpServer on a pool of 64 threads; one call on the request’s thread.',
    variants: both,
    start: (place) => start(place, 'direct'),
  },
  {
    ...java,
    name: 'java-submit',
    shows: 'The same; the call is made by an executor of four: `submit(…).get()`.',
    variants: both,
    start: (place) => start(place, 'submit'),
  },
  {
    ...java,
    name: 'java-async',
    shows: 'The same; the executor’s thread calls and writes the response, the request’s thread has gone on.',
    variants: both,
    start: (place) => start(place, 'async'),
  },
  {
    ...java,
    name: 'java-completable',
    shows: 'The same; two calls by `CompletableFuture.supplyAsync`, then `thenCombine(…).get()`.',
    variants: onlyTheRuntimeKnows('only the call that ends last wakes the request’s thread'),
    callsPerRequest: 2,
    start: (place) => start(place, 'completable'),
  },
  {
    ...java,
    name: 'java-virtual',
    shows: 'The same server on a virtual thread for each request; one call on it.',
    variants: onlyTheRuntimeKnows('which virtual thread runs on a thread is known to the runtime alone'),
    needs: [...java.needs, { program: TEMURIN, from: 'Temurin 25' }],
    versions: () => version(TEMURIN),
    start: (place) => start(place, 'virtual', TEMURIN),
  },
] satisfies LinkCase[];
