import { childProcesses } from '../../../../examples/shop/run/process-identity.ts';
import { inRepository } from '../../../common/repository.ts';
import type { LinkCase, Place, Running } from '../../case.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
import { NEEDS_PYTHON, pythonEnv, pythonProgram, pythonVersion } from '../common/python.ts';
import { pinned, prepareVenv, venvPython } from '../venv/venv.ts';

const WORKERS = 8;

async function forked(place: Place): Promise<Running> {
  const [port] = (await place.ports(1)) as [number];
  const upstream = await place.upstream();
  const env = { PORT: port, UPSTREAM: upstream.port, WORKERS };
  const server = await place.start(pythonProgram('prefork/fork.py', env), port);
  await server.until('forked its workers', () => childProcesses(server.pid).length === WORKERS);
  return { instrument: withChildren(server.pid), load: http(port, { newConnections: true }) };
}

async function gunicorn(place: Place): Promise<Running> {
  const [port] = (await place.ports(1)) as [number];
  const upstream = await place.upstream();
  const server = await place.start(
    {
      name: 'gunicorn',
      command: venvPython(place.cache),
      args: `-m gunicorn --bind 127.0.0.1:${port} --workers ${WORKERS} --no-control-socket app:app`.split(
        ' ',
      ),
      cwd: inRepository('bench/links/cases/prefork'),
      env: pythonEnv({ UPSTREAM: upstream.port }),
    },
    port,
  );
  await server.until('forked its workers', () => childProcesses(server.pid).length === WORKERS);
  return { instrument: withChildren(server.pid), load: http(port, { newConnections: true }) };
}

export const preforkCases = [
  {
    name: 'prefork',
    shows: `Python, ${WORKERS} forked processes that accept on one socket, a connection for each request; one call.`,
    variants: [{ targets: 'differ' }, { targets: 'equal' }],
    needs: [NEEDS_PYTHON],
    versions: pythonVersion,
    start: forked,
  },
  {
    name: 'gunicorn-sync',
    shows: `gunicorn with ${WORKERS} sync workers, which close the connection after each request; one call.`,
    variants: [{ targets: 'differ' }, { targets: 'equal' }],
    needs: [NEEDS_PYTHON],
    versions: () => `${pinned('gunicorn')}, ${pythonVersion()}`,
    prepare: prepareVenv,
    start: gunicorn,
  },
] satisfies LinkCase[];
