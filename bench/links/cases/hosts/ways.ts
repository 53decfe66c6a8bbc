import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../../case.ts';
import { Namespace } from './namespace.ts';

export type Way = 'direct' | 'nat' | 'proxy';

export const HAPROXY = '/usr/sbin/haproxy';
export const NFT = '/usr/sbin/nft';

/** How the second host is reached from the first, the namespace that the benchmark runs in. */
export interface Reached {
  readonly far: Namespace;
  /** Where a server there listens, and where clients here find it: `address:port`. */
  readonly listen: string;
  readonly find: string;
}

const PORT = 8000;
/** What stands between has another port, so that nothing in the addresses agrees. */
const PORT_BETWEEN = 9000;

/** Makes a second host. */
export async function reach(place: Place, way: Way): Promise<Reached> {
  const far = await Namespace.make(place, 'far-host');
  if (way === 'direct') {
    const { there } = far.join();
    return { far, listen: `${there}:${PORT}`, find: `${there}:${PORT}` };
  }
  const between = await Namespace.make(place, 'between');
  const { there: find } = between.join();
  const { here: gate, there } = far.join(between);
  if (way === 'nat') {
    far.run('ip', 'route', 'add', 'default', 'via', gate);
    between.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    between.run(NFT, '-f', rules(place, there));
  } else
    await between.start(
      { name: 'proxy', command: HAPROXY, args: ['-db', '-f', configuration(place, there)] },
      PORT_BETWEEN,
    );
  return { far, listen: `${there}:${PORT}`, find: `${find}:${PORT_BETWEEN}` };
}

/** Both ends see addresses of what is between. */
function rules(place: Place, to: string): string {
  const file = join(place.workDir, 'nat.nft');
  writeFileSync(
    file,
    `table ip nat {
  chain before { type nat hook prerouting priority -100; tcp dport ${PORT_BETWEEN} dnat to ${to}:${PORT}; }
  chain after { type nat hook postrouting priority 100; masquerade random; }
}
`,
  );
  return file;
}

function configuration(place: Place, to: string): string {
  const file = join(place.workDir, 'between.cfg');
  writeFileSync(
    file,
    `global
  maxconn 1000
defaults
  mode tcp
  timeout client 60s
  timeout server 60s
  timeout connect 5s
listen far
  bind :${PORT_BETWEEN}
  server far ${to}:${PORT}
`,
  );
  return file;
}
