import type { Counter } from '../../../collector/counters.ts';
import type { Builds } from './build.ts';
import type { ProcessFacts } from './facts.ts';
import type { Host } from './host.ts';
import { readCommandLine } from './proc/command-line.ts';
import { readContainerId } from './proc/container.ts';
import { readEnvironment } from './proc/environment.ts';
import { readExecutablePath } from './proc/executable.ts';
import { type ListeningSockets, readListeningSockets } from './proc/listening-sockets.ts';
import { readNamespace } from './proc/namespace.ts';
import { readListeningPorts } from './proc/ports.ts';
import { readStat } from './proc/stat.ts';
import { readStatus } from './proc/status.ts';
import { type ResourceSource, resourceOf } from './resource.ts';
import { parseResourceAttributes } from './resource-attributes.ts';
import { readRuntime } from './runtime.ts';

export interface ReadOptions {
  /** Where the proc file system is mounted, `/proc`. */
  readonly procRoot: string;
  readonly host: Host;
  readonly builds: Builds;
  /** Value of `telemetry.distro.version`. */
  readonly distroVersion: string;
  /** Counts `OTEL_RESOURCE_ATTRIBUTES` that were malformed and therefore not used. */
  readonly malformedAttributes: Counter;
}

/** What is already known when facts are read. */
export interface Hints {
  /** Ports that the process is known to listen on, although /proc may not show them yet. */
  readonly ports?: Iterable<number>;
  /** What the process's network namespace listens on, if that was read just now. */
  readonly sockets?: () => ListeningSockets;
}

/**
 * What /proc knows of a process. Undefined where it is gone, a zombie, a kernel thread, or was replaced by another
 * of the same number while reading; a piece that can not be read only leaves its own field empty.
 */
export function readFacts(pid: number, options: ReadOptions, hints: Hints = {}): ProcessFacts | undefined {
  const { procRoot, host } = options;
  const stat = readStat(procRoot, pid);
  if (!stat) return undefined;
  const status = readStatus(procRoot, pid);
  const executablePath = readExecutablePath(procRoot, pid) ?? '';
  const environment = readEnvironment(procRoot, pid);
  const containerId = readContainerId(procRoot, pid);
  const ports = readListeningPorts(
    procRoot,
    pid,
    hints.sockets ?? (() => readListeningSockets(procRoot, pid)),
  );

  const facts: Omit<ProcessFacts, 'resource'> = {
    pid,
    startTime: stat.startTime,
    parentPid: stat.parentPid,
    namespacePids: status.namespacePids.length > 0 ? status.namespacePids : [pid],
    executablePath,
    commandArgs: readCommandLine(procRoot, pid),
    owner: ownerOf(status.uid, host, containerId),
    runtime: readRuntime(procRoot, pid, executablePath, options.builds),
    netns: readNamespace(procRoot, pid, 'net'),
    listeningPorts: [...new Set([...ports, ...(hints.ports ?? [])])].sort((a, b) => a - b),
    containerId,
  };
  const source: ResourceSource = {
    facts,
    host,
    comm: stat.comm,
    pidNamespace: readNamespace(procRoot, pid, 'pid'),
    serviceName: environment.serviceName,
    attributes: attributesOf(environment.resourceAttributes, options.malformedAttributes),
    distroVersion: options.distroVersion,
  };
  if (readStat(procRoot, pid)?.startTime !== stat.startTime) return undefined;
  return { ...facts, resource: resourceOf(source) };
}

/** A container has users of its own, whose names this host does not know: there the id stands for the name. */
function ownerOf(uid: number | undefined, host: Host, containerId: string | undefined): string | undefined {
  if (uid === undefined) return undefined;
  return (containerId === undefined ? host.users.get(uid) : undefined) ?? String(uid);
}

function attributesOf(text: string | undefined, malformed: Counter): ReadonlyMap<string, string> {
  const attributes = text === undefined ? new Map<string, string>() : parseResourceAttributes(text);
  if (!attributes) malformed.value++;
  return attributes ?? new Map();
}
