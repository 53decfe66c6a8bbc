import type { LinkCase, Place, Running } from '../../case.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
import { versionOf } from '../common/build.ts';
import { NEEDS_PYTHON, PYTHON, pythonProgram } from '../common/python.ts';

/** How an interpreter is started; a program that loads one as a library has more arguments before the script. */
export interface Interpreter {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Everything that asyncio does with contexts, in one request: needs no packages, so that any interpreter runs it. */
export function streamsCase(interpreter: Interpreter = { command: PYTHON }): LinkCase {
  return {
    name: 'asyncio-streams',
    shows:
      'A server on asyncio’s streams; each request calls over a kept and a new connection, two at a time, on a thread and in a task; another task calls in the background.',
    variants: [{ targets: 'equal' }],
    needs: [NEEDS_PYTHON],
    callsPerRequest: 6,
    versions: () => versionOf(interpreter.command, '--version'),
    start: (place) => start(place, interpreter),
  };
}

async function start(place: Place, { command, args = [], env = {} }: Interpreter): Promise<Running> {
  const [port] = (await place.ports(1)) as [number];
  const { port: upstream } = await place.upstream();
  const program = pythonProgram('asyncio/streams.py', { ...env, PORT: port, UPSTREAM: upstream }, command);
  const server = await place.start({ ...program, args: [...args, ...program.args] }, port);
  return { instrument: withChildren(server.pid), load: http(port) };
}
