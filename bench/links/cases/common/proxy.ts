import { execFileSync } from 'node:child_process';
import type { LinkCase, Need, Place, Variant } from '../../case.ts';
import { http } from '../../load/http.ts';
import { listeningOn } from '../../observe.ts';
import type { Answer, Upstream } from '../../upstream.ts';

/** Where a proxy runs and what it stands in front of. Ports are on 127.0.0.1. */
export interface ProxyPlace {
  /** A folder that every account may enter. */
  readonly directory: string;
  readonly port: number;
  readonly upstreamPort: number;
  /** What listens here cuts the connection or answers 502. */
  readonly failingPort: number;
}

/** How to start a proxy that stays in the foreground. */
export interface ProxyProgram {
  readonly command: string;
  readonly args: readonly string[];
}

export interface ProxyCase {
  readonly name: string;
  readonly shows: string;
  readonly variants?: LinkCase['variants'];
  readonly callsPerRequest?: number;
  readonly needs: readonly Need[];
  readonly versions: () => string;
  /** Half of the requests carry `ANSWERED_LOCALLY`. */
  readonly halfLocal?: boolean;
  /** Writes the configuration. */
  readonly program: (place: ProxyPlace) => ProxyProgram;
}

/** A request with this header is answered without a call: from a cache, or from the configuration. */
export const ANSWERED_LOCALLY = 'x-local';

const BOTH: LinkCase['variants'] = [{ targets: 'differ' }, { targets: 'equal' }];

/** Of a program that takes turns with many requests on one thread. */
export const ON_A_LOOP: readonly [Variant, Variant] = [
  { targets: 'differ' },
  { targets: 'equal', recallNotAsked: 'an event loop, and all requests look alike' },
];

/** A proxy is believed by what its upstreams received: it hands every label on as it is. */
export function proxyCase(options: ProxyCase): LinkCase {
  const { name, shows, variants = BOTH, callsPerRequest = 1, needs, versions, halfLocal, program } = options;
  return {
    name,
    shows,
    variants,
    callsPerRequest,
    needs,
    versions,
    start: async (place) => {
      const [port] = (await place.ports(1)) as [number];
      const upstreams = [await place.upstream(), await place.upstream({ answer: badly })];
      const [upstreamPort, failingPort] = upstreams.map((upstream) => upstream.port) as [number, number];
      await startProxy(
        place,
        name,
        port,
        program({ directory: place.workDir, port, upstreamPort, failingPort }),
      );
      return {
        instrument: listeningOn(port),
        load: http(port, halfLocal ? { headers: locally } : {}),
        calls: () => received(upstreams),
      };
    },
  };
}

async function startProxy(place: Place, name: string, port: number, program: ProxyProgram): Promise<void> {
  await place.start({ name, cwd: place.workDir, ...program }, port);
}

function badly(): Answer {
  return Math.random() < 0.5 ? 'close' : 502;
}

function locally(): Readonly<Record<string, string>> {
  return Math.random() < 0.5 ? {} : { [ANSWERED_LOCALLY]: '1' };
}

function received(upstreams: readonly Upstream[]): string[] {
  return upstreams.flatMap((upstream) => upstream.received);
}

/** What a program prints about its version, as far as `pattern` finds it. */
export function versionOf(command: string, args: readonly string[], pattern: RegExp): string {
  // Some print it to standard output, some to standard error.
  const text = execFileSync('/bin/sh', ['-c', '"$@" 2>&1', 'sh', command, ...args], { encoding: 'utf8' });
  return pattern.exec(text)?.[0].replace(/[/]v?/, ' ') ?? `${command}, version unknown`;
}
