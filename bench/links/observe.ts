import { childProcesses } from '../../examples/shop/run/process-identity.ts';
import type { Running } from './case.ts';

type Instrument = Running['instrument'];

/** These processes and the children they have now (workers); not those they will have. */
export function withChildren(...pids: readonly number[]): Instrument {
  return [{ target_pids: pids.flatMap((pid) => [pid, ...childProcesses(pid).map((child) => child.pid)]) }];
}

/** Whatever listens on these ports, processes forked later included. */
export function listeningOn(...ports: readonly number[]): Instrument {
  return [{ open_ports: ports.join(',') }];
}
