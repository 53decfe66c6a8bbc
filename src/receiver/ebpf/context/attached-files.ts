import { type BigIntStats, statSync } from 'node:fs';
import type { Link, UprobeOptions } from '../capture/native.ts';
import type { UprobeProgram } from '../capture/programs.ts';
import type { Inspection } from './inspection.ts';

/** What attaches: the running capture. Undefined when it is over. */
export interface Attaches {
  attachUprobe(
    program: UprobeProgram,
    path: string,
    offset: number,
    options: UprobeOptions,
  ): Link | undefined;
}

interface AttachedFile {
  readonly links: Link[];
  readonly users: Set<number>;
}

/** Files with probes in them: attached once a file, whatever paths lead to it, as long as an observed process uses it. */
export class AttachedFiles {
  readonly #capture: Attaches;
  readonly #files = new Map<string, AttachedFile>();

  constructor(capture: Attaches) {
    this.#capture = capture;
  }

  /** Throws `SPANLOOM_BPF_UPROBE`; nothing is attached then. The file may be gone: then there is nothing to attach to. */
  use(pid: number, { file: path, probes }: Inspection): void {
    const key = identity(path);
    if (key === undefined) return;
    const known = this.#files.get(key);
    if (known) {
      known.users.add(pid);
      return;
    }
    const links: Link[] = [];
    try {
      for (const { program, offset, ...options } of probes) {
        const link = this.#capture.attachUprobe(program, path, offset, options);
        if (link) links.push(link);
      }
    } catch (error) {
      for (const link of links) link.closeInBackground();
      throw error;
    }
    this.#files.set(key, { links, users: new Set([pid]) });
  }

  release(pid: number): void {
    for (const [key, { links, users }] of this.#files)
      if (users.delete(pid) && users.size === 0) {
        for (const link of links) link.closeInBackground();
        this.#files.delete(key);
      }
  }

  close(): void {
    for (const { links } of this.#files.values()) for (const link of links) link.closeInBackground();
    this.#files.clear();
  }
}

function identity(path: string): string | undefined {
  let stats: BigIntStats;
  try {
    stats = statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
  return `${stats.dev}:${stats.ino}`;
}
