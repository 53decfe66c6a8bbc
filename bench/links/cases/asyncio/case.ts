import type { LinkCase, Place, Running } from '../../case.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
import { NEEDS_PYTHON, pythonProgram, pythonVersion } from '../common/python.ts';
import { pinned, prepareVenv, venvPython } from '../venv/venv.ts';

type Loop = 'asyncio' | 'uvloop';

async function start(place: Place, loop: Loop): Promise<Running> {
  const [port] = (await place.ports(1)) as [number];
  const upstream = await place.upstream();
  const env = { PORT: port, UPSTREAM: upstream.port, LOOP: loop };
  const server = await place.start(pythonProgram('asyncio/server.py', env, venvPython(place.cache)), port);
  return { instrument: withChildren(server.pid), load: http(port) };
}

function asyncioCase(loop: Loop, shows: string): LinkCase {
  return {
    name: loop === 'asyncio' ? 'asyncio' : 'asyncio-uvloop',
    shows,
    variants: [
      { targets: 'differ', recallNotAsked: 'which task makes a call is known to asyncio alone' },
      { targets: 'equal', recallNotAsked: 'which task makes a call is known to asyncio alone' },
    ],
    needs: [NEEDS_PYTHON],
    callsPerRequest: 2,
    versions: () => [pythonVersion(), pinned('aiohttp'), pinned('uvloop')].join(', '),
    prepare: prepareVenv,
    start: (place) => start(place, loop),
  };
}

export const asyncioCases: readonly LinkCase[] = [
  asyncioCase('asyncio', 'Python’s aiohttp on asyncio; each request makes two HTTP calls in turn.'),
  asyncioCase('uvloop', 'The same on uvloop.'),
];
