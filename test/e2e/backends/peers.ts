import { join } from 'node:path';
import { isProgram, onPath } from '../../support/on-path.ts';

/** The configurations that users are shown. */
export const EXAMPLES = join(import.meta.dirname, '../../../examples/backends');

const FOLDER = join(import.meta.dirname, '../../../.cache/peers');

export type Peer = 'otelcol' | 'jaeger' | 'caddy';

/** The program that `scripts/peers.sh` built. */
export function peer(name: Peer): string {
  const file = join(FOLDER, name);
  if (!isProgram(file)) throw new Error(`${file} is missing: build it with scripts/peers.sh, which needs Go`);
  return file;
}

/** Why tests with peers cannot run here; undefined where they can, or where that they cannot is a failure. */
export function whyNoPeers(...names: readonly Peer[]): string | undefined {
  const excused = process.env.CI !== 'true' && !onPath('go');
  const built = names.every((name) => isProgram(join(FOLDER, name)));
  return excused && !built ? 'Go is missing, so scripts/peers.sh could not build them' : undefined;
}
