import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { SpanloomError } from '../../../error.ts';
import { loadNative } from './native.ts';

/** One thing that the capture needs of kernel or privileges, and whether it is there. */
export interface Capability {
  readonly name: string;
  readonly neededFor: string;
  readonly available: boolean;
  /** Without it there is no capture at all; otherwise only what it is needed for is missing. */
  readonly required: boolean;
  readonly howToGet: string;
}

/** Bits of /proc/PID/status `CapEff` (include/uapi/linux/capability.h). */
const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;
const CAP_BPF = 39n;

/** PROC_PID_INIT_INO: the inode of the first pid namespace (include/linux/proc_ns.h). */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]';

export const REQUIRED_TRACEPOINTS = [
  'sock_send_length',
  'sock_recv_length',
  'inet_sock_set_state',
  'tcp_destroy_sock',
  'sched_process_exec',
  'sched_process_fork',
  'sched_process_exit',
] as const;

/** Name of the capability to run a program at an instruction of observed processes. */
export const UPROBES = 'uprobes';

/** The kernel's event source for them; libbpf reads its number there. */
const UPROBE_EVENT_SOURCE = '/sys/bus/event_source/devices/uprobe/type';

/** Name of the capability to look through all sockets that are followed. */
export const ITERATORS = 'BPF iterators';

export const OPTIONAL_TRACEPOINTS = {
  tcp_sendmsg_locked: 'the time a send began and its exact place among concurrent sends on one socket',
  sk_data_ready: 'the time a request waited in the kernel before it was read',
  tcp_retransmit_skb: 'the moment of each retransmission',
  sched_waking: 'which request a thread of a pool worked for',
} as const;

/** What this machine and this process offer. Throws only when the addon can not be loaded. */
export function probeCapabilities(): Capability[] {
  const native = loadNative();
  const effective = effectiveCapabilities();
  const has = (bit: bigint) => ((effective >> bit) & 1n) === 1n || ((effective >> CAP_SYS_ADMIN) & 1n) === 1n;
  const capability = (name: string, neededFor: string, available: boolean): Capability => ({
    name,
    neededFor,
    available,
    required: true,
    howToGet: `run as root, or grant it (systemd: AmbientCapabilities=CAP_BPF CAP_PERFMON; containers: --cap-add ${name.slice(4)})`,
  });
  const table = [
    capability('CAP_BPF', 'loading BPF programs', has(CAP_BPF)),
    capability('CAP_PERFMON', 'reading kernel and process memory in BPF programs', has(CAP_PERFMON)),
    {
      name: 'initial pid namespace',
      neededFor: 'matching the pids of /proc with those of the kernel',
      available: inInitialPidNamespace(),
      required: true,
      howToGet: "share the host's pid namespace (containers: --pid=host; Kubernetes: hostPID: true)",
    },
  ];
  const uprobes: Capability = {
    name: UPROBES,
    neededFor: 'which goroutine of a Go program, or which asyncio task of a Python program, a call is for',
    available: existsSync(UPROBE_EVENT_SOURCE),
    required: false,
    howToGet: 'use a kernel built with CONFIG_UPROBE_EVENTS, and mount sysfs at /sys',
  };
  const iterators: Capability = {
    name: ITERATORS,
    neededFor: 'which connections over Unix sockets have been closed; they are forgotten later otherwise',
    available: native.takesIterators(),
    required: false,
    howToGet: 'use a kernel that does not refuse them to whoever has CAP_BPF and CAP_PERFMON',
  };
  return [...table, ...tracepoints(native.findTracepoints), uprobes, iterators];
}

function tracepoints(find: (names: readonly string[]) => boolean[]): Capability[] {
  const names = [...REQUIRED_TRACEPOINTS, ...Object.keys(OPTIONAL_TRACEPOINTS)];
  const found = tryFind(find, names);
  const table: Capability[] = [
    {
      name: 'kernel BTF',
      neededFor: 'all programs: they find the fields of kernel structures through it',
      available: found !== undefined,
      required: true,
      howToGet: 'use a kernel built with CONFIG_DEBUG_INFO_BTF, which gives /sys/kernel/btf/vmlinux',
    },
  ];
  names.forEach((name, i) => {
    const optional = OPTIONAL_TRACEPOINTS[name as keyof typeof OPTIONAL_TRACEPOINTS];
    table.push({
      name: `tracepoint ${name}`,
      neededFor: optional ?? 'messages, connections and processes',
      available: found?.[i] ?? false,
      required: optional === undefined,
      howToGet: optional ? 'use a newer kernel' : 'needs Linux 6.3 or newer',
    });
  });
  return table;
}

function tryFind(find: (names: readonly string[]) => boolean[], names: readonly string[]) {
  try {
    return find(names);
  } catch {
    return undefined;
  }
}

function effectiveCapabilities(): bigint {
  const status = readFileSync('/proc/self/status', 'latin1');
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
}

function inInitialPidNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/pid') === INITIAL_PID_NAMESPACE;
  } catch {
    return false;
  }
}

/** Throws `SPANLOOM_CAPTURE_UNAVAILABLE`, naming everything required that is missing and how to get it. */
export function requireCapabilities(table: readonly Capability[]): void {
  const missing = table.filter((capability) => capability.required && !capability.available);
  if (missing.length === 0) return;
  // Without BTF no tracepoint can be found: one line says it.
  const noBtf = missing.some((capability) => capability.name === 'kernel BTF');
  const lines = missing
    .filter((capability) => !noBtf || !capability.name.startsWith('tracepoint'))
    .map(({ name, neededFor, howToGet }) => `${name} is missing (for ${neededFor}): ${howToGet}`);
  throw new SpanloomError('SPANLOOM_CAPTURE_UNAVAILABLE', `Cannot capture. ${lines.join('. ')}.`);
}

/** Whether the table has it, and has it as not available. */
export function isMissing(table: readonly Capability[], name: string): boolean {
  return table.some((capability) => capability.name === name && !capability.available);
}

/** The table as lines of text. */
export function formatCapabilities(table: readonly Capability[]): string[] {
  const width = Math.max(...table.map(({ name }) => name.length));
  return table.map(
    ({ name, neededFor, available, howToGet }) =>
      `${available ? 'yes' : 'NO '}  ${name.padEnd(width)}  ${neededFor}${available ? '' : ` (${howToGet})`}`,
  );
}
