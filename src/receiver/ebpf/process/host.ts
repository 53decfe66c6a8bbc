import { arch, hostname } from 'node:os';
import { readText } from './proc/read.ts';

/** What all processes of this machine have in common. */
export interface Host {
  readonly name: string;
  /** The machine id (machine-id(5)); undefined where there is none, as in most containers. */
  readonly id: string | undefined;
  /** Value of `host.arch`. */
  readonly arch: string;
  /** Changes with every boot. */
  readonly bootId: string;
  /** Names of passwd(5) by user id, as they were when read. */
  readonly users: ReadonlyMap<number, string>;
}

/** Node.js's names of the machine (`os.arch()`), where `host.arch` has another. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm: 'arm32',
  ia32: 'x86',
  s390: 's390x',
};

export function readHost(procRoot = '/proc', etcRoot = '/etc'): Host {
  const machineId = readText(`${etcRoot}/machine-id`, 64)?.trim();
  return {
    name: hostname(),
    id: machineId && /^[0-9a-f]{32}$/.test(machineId) ? machineId : undefined,
    arch: ARCHITECTURES[arch()] ?? arch(),
    bootId: readText(`${procRoot}/sys/kernel/random/boot_id`, 64)?.trim() ?? '',
    users: parsePasswd(readText(`${etcRoot}/passwd`, 1024 * 1024) ?? ''),
  };
}

export function parsePasswd(text: string): Map<number, string> {
  const users = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name, , uid] = line.split(':');
    if (!name || !uid || !/^\d{1,10}$/.test(uid)) continue;
    // The first entry of an id is the one that getpwuid(3) finds.
    if (!users.has(Number(uid))) users.set(Number(uid), name);
  }
  return users;
}
