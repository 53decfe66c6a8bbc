import { inRepository } from '../../../common/repository.ts';
import type { LinkCase, Place, Running } from '../../case.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
import { versionOf } from '../common/build.ts';

const THREADS = 16;

async function start(place: Place): Promise<Running> {
  const [port] = (await place.ports(1)) as [number];
  const upstream = await place.upstream();
  const server = await place.start(
    {
      name: 'puma',
      command: 'puma',
      args: `--bind tcp://127.0.0.1:${port} --threads ${THREADS}:${THREADS} --environment production config.ru`.split(
        ' ',
      ),
      cwd: inRepository('bench/links/cases/puma'),
      env: { UPSTREAM: String(upstream.port) },
    },
    port,
  );
  return { instrument: withChildren(server.pid), load: http(port) };
}

export const puma = {
  name: 'puma',
  shows: `Ruby’s Puma with ${THREADS} threads behind its reactor, connections kept alive; one call by Net::HTTP.`,
  variants: [{ targets: 'differ' }, { targets: 'equal' }],
  needs: [{ program: 'puma', from: 'Debian package puma' }],
  versions: () => `${versionOf('puma', '--version')}, ${versionOf('ruby', '--version')}`,
  start,
} satisfies LinkCase;
