import { readText } from './read.ts';

const LIMIT = 256 * 1024;

/** Docker, containerd, CRI-O and Podman give 64 hex digits; Amazon ECS on Fargate a task id and a number. */
const ID = /(?:^|[-:])([0-9a-f]{64})$|^([0-9a-f]{32}-\d{5,20})$/;

/** Files that container engines mount from the container's own folder. */
const ENGINE_FILES = new Set(['/etc/hostname', '/etc/hosts', '/etc/resolv.conf', '/run/.containerenv']);

/** Id of the container the process runs in; undefined outside of containers. */
export function readContainerId(procRoot: string, pid: number): string | undefined {
  const cgroup = readText(`${procRoot}/${pid}/cgroup`, LIMIT) ?? '';
  const id = containerIdOfCgroup(cgroup);
  // A path that is there and names no container says that there is none.
  if (id !== undefined || pathsOf(cgroup).some((path) => !/^\/(?:\.\.|$)/.test(path))) return id;
  return containerIdOfMounts(readText(`${procRoot}/${pid}/mountinfo`, LIMIT) ?? '');
}

/** The control groups of a process, of version 1 and 2 alike; empty where not readable. */
export function readCgroups(procRoot: string, pid: number): string[] {
  return [...new Set(pathsOf(readText(`${procRoot}/${pid}/cgroup`, LIMIT) ?? ''))];
}

/** The third field of each line `hierarchy:controllers:path` (cgroups(7)), of version 1 and 2 alike. */
function pathsOf(cgroup: string): string[] {
  return cgroup.split('\n').flatMap((line) => line.split(':').slice(2).join(':') || []);
}

export function containerIdOfCgroup(text: string): string | undefined {
  for (const path of pathsOf(text)) {
    for (const segment of path.split('/').reverse()) {
      const name = segment.endsWith('.scope') ? segment.slice(0, -'.scope'.length) : segment;
      // The engine's monitor of a container runs beside it, not in it.
      if (name.includes('conmon-')) return undefined;
      const id = ID.exec(name);
      if (id) return id[1] ?? id[2];
    }
  }
  return undefined;
}

/**
 * From /proc/PID/mountinfo, for a process whose cgroup namespace hides its path. The folder named after a pod's
 * sandbox is not the container's: its id is not taken.
 */
export function containerIdOfMounts(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const [, , , root, mountPoint] = line.split(' ');
    if (!root || !ENGINE_FILES.has(mountPoint ?? '')) continue;
    const id = /\/(?:overlay-)?containers\/([0-9a-f]{64})\//.exec(root);
    if (id) return id[1];
  }
  return undefined;
}
