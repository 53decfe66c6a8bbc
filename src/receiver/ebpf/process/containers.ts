import { type ContainerDescription, readContainerDescription } from './proc/container-files.ts';

const REMEMBERED = 1024;

/** The containers of this host as their runtimes' files describe them, remembered: a description does not change. */
export class Containers {
  readonly #hostRoot: string;
  readonly #warn: (message: string) => void;
  readonly #known = new Map<string, ContainerDescription>();
  #warned = false;

  /**
   * @param procRoot where the proc file system is mounted: the host's files are reached through its process 1, from
   *   inside a container too
   * @param warn told once, if a container is asked for of which no file tells anything
   */
  constructor(procRoot: string, warn: (message: string) => void) {
    this.#hostRoot = `${procRoot}/1/root`;
    this.#warn = warn;
  }

  of(id: string): ContainerDescription | undefined {
    const known = this.#known.get(id);
    if (known) return known;
    const description = readContainerDescription(this.#hostRoot, id);
    if (description) {
      if (this.#known.size >= REMEMBERED) this.#known.clear();
      this.#known.set(id, description);
    } else if (!this.#warned) {
      this.#warned = true;
      this.#warn(
        `No file of Docker, containerd, CRI-O or Podman under ${this.#hostRoot} describes container ${id}: rules that name an image, ` +
          'a name, labels or a pod do not match it, nor others like it. Let Spanloom read those files (as root, in the pid ' +
          'namespace of the host), or choose by container_id or cgroup.',
      );
    }
    return description;
  }
}
