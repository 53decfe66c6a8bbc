import { SpanloomError } from '../../../error.ts';
import { readNamespace } from './proc/namespace.ts';
import type { Scope } from './selection.ts';

/**
 * Which part of the host is looked at. The containers of a Kubernetes pod share one network namespace and nothing
 * else does, so that whoever is in the namespace of Spanloom itself is in its pod.
 */
export class ProcessScope {
  readonly #procRoot: string;
  /** Inode of the network namespace processes have to be in, 0 where it can not be read; undefined: any will do. */
  readonly #netns: number | undefined;

  constructor(scope: Scope, procRoot: string, ownPid: number) {
    this.#procRoot = procRoot;
    this.#netns = scope === 'pod' ? readNamespace(procRoot, ownPid, 'net') : undefined;
  }

  /** @throws {SpanloomError} */
  check(warn: (message: string) => void): void {
    if (this.#netns === undefined) return;
    if (this.#netns === 0)
      throw new SpanloomError(
        'SPANLOOM_SCOPE_POD',
        `scope: pod watches the network namespace of Spanloom itself, which ${this.#procRoot}/self/ns/net does not tell. ` +
          'Mount the proc file system of the pid namespace that Spanloom runs in there, or use scope: host.',
      );
    if (readNamespace(this.#procRoot, 1, 'net') === this.#netns)
      warn(
        'scope: pod has no effect on processes of the host: Spanloom shares the network namespace of process 1, so that whatever ' +
          "uses the host's network is watched. Run Spanloom as a container of the pod, without hostNetwork.",
      );
  }

  includes(pid: number): boolean {
    return (
      this.#netns === undefined ||
      (this.#netns !== 0 && readNamespace(this.#procRoot, pid, 'net') === this.#netns)
    );
  }
}
