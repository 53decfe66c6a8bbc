import type { LinkCase, Load, Place, Running } from '../../case.ts';
import { http } from '../../load/http.ts';
import { impatient } from '../../load/impatient.ts';
import { withChildren } from '../../observe.ts';
import type { Answer, UpstreamOptions } from '../../upstream.ts';
import { NEEDS_PYTHON, pythonProgram, pythonVersion } from '../common/python.ts';

interface Way {
  readonly way: string;
  readonly background?: boolean;
  readonly upstream?: UpstreamOptions;
  readonly load?: (port: number) => Load;
}

async function start(place: Place, { way, background, upstream, load = http }: Way): Promise<Running> {
  const [port] = (await place.ports(1)) as [number];
  const { port: called } = await place.upstream(upstream);
  const env = { PORT: port, UPSTREAM: called, WAY: way, ...(background && { BACKGROUND: 1 }) };
  const server = await place.start(pythonProgram('python/threads.py', env), port);
  return { instrument: withChildren(server.pid), load: load(port) };
}

/** Of three first attempts one is answered, one refused and one not answered at all. */
const UNRELIABLE: UpstreamOptions = {
  answer: ({ headers }) => {
    const first = String(headers['x-label']).endsWith('1');
    const answers: readonly Answer[] = first ? [200, 503, 'close'] : [200];
    return answers[Math.floor(Math.random() * answers.length)]!;
  },
};

/** Shorter than most requests take, so that clients are gone before the last call is made. */
const PATIENCE_MS = 8;

const python = { needs: [NEEDS_PYTHON], versions: pythonVersion };
const equal = [{ targets: 'equal' }] as const;

export const pythonCases = [
  {
    ...python,
    name: 'python-threads',
    shows: 'Python’s ThreadingHTTPServer, a thread a connection; one call from a shared pool of connections.',
    variants: [{ targets: 'differ' }, { targets: 'equal' }],
    start: (place) => start(place, { way: 'one' }),
  },
  {
    ...python,
    name: 'python-new-connections',
    shows: 'The same, with a new connection and so a new thread for each request.',
    variants: equal,
    start: (place) => start(place, { way: 'one', load: (port) => http(port, { newConnections: true }) }),
  },
  {
    ...python,
    name: 'python-fan-out',
    shows: 'The same server; each request makes eight calls in sequence on its thread.',
    variants: equal,
    callsPerRequest: 8,
    start: (place) => start(place, { way: 'eight' }),
  },
  {
    ...python,
    name: 'python-sub-threads',
    shows: 'The same server; each request makes eight calls at a time on threads started for them.',
    variants: equal,
    callsPerRequest: 8,
    start: (place) => start(place, { way: 'sub-threads' }),
  },
  {
    ...python,
    name: 'python-executor',
    shows:
      'The same server; the call is made by a ThreadPoolExecutor of four, for which the request’s thread waits.',
    variants: [{ targets: 'differ' }, { targets: 'equal' }],
    start: (place) => start(place, { way: 'executor' }),
  },
  {
    ...python,
    name: 'python-background',
    shows: 'The same server with a thread that calls every few milliseconds and belongs to no request.',
    variants: equal,
    start: (place) => start(place, { way: 'one', background: true }),
  },
  {
    ...python,
    name: 'python-retry',
    shows:
      'The same server; of first calls a third is answered with 503 and a third not at all, and made again.',
    variants: equal,
    callsPerRequest: 5 / 3,
    start: (place) => start(place, { way: 'retry', upstream: UNRELIABLE }),
  },
  {
    ...python,
    name: 'python-outlived-client',
    shows: `The same server with three calls a request; clients close their connection after ${PATIENCE_MS} ms, and calls go on.`,
    variants: equal,
    callsPerRequest: 3,
    start: (place) => start(place, { way: 'three', load: (port) => impatient(port, PATIENCE_MS) }),
  },
] satisfies LinkCase[];
