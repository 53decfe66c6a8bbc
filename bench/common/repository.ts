import { join } from 'node:path';

/** A path in the repository, from whose root benchmarks are run (`bench/run.sh`). */
export function inRepository(...path: string[]): string {
  return join(process.cwd(), ...path);
}
