import type { LinkCase, Place, Running } from '../../case.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
import { NEEDS_PYTHON, pythonProgram, pythonVersion } from '../common/python.ts';

async function start(place: Place, calls: number): Promise<Running> {
  const [port] = (await place.ports(1)) as [number];
  const upstream = await place.upstream();
  const env = { PORT: port, UPSTREAM: upstream.port, CALLS: calls };
  const server = await place.start(pythonProgram('python-threads/server.py', env), port);
  return { instrument: withChildren(server.pid), load: http(port) };
}

export const pythonThreads = {
  name: 'python-threads',
  shows:
    'Python’s ThreadingHTTPServer, a thread a connection; each request makes one HTTP call from a shared pool of connections.',
  variants: [{ targets: 'differ' }, { targets: 'equal' }],
  needs: [NEEDS_PYTHON],
  versions: pythonVersion,
  start: (place) => start(place, 1),
} satisfies LinkCase;

export const pythonFanOut = {
  name: 'python-fan-out',
  shows: 'The same server; each request makes eight calls in sequence on its thread.',
  variants: [{ targets: 'equal' }],
  needs: [NEEDS_PYTHON],
  callsPerRequest: 8,
  versions: pythonVersion,
  start: (place) => start(place, 8),
} satisfies LinkCase;
