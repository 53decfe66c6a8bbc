import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SpanloomError } from '../../../error.ts';
import { RUNTIME } from './layout.ts';
import { type BpfObject, isNativeError, type Link, loadNative, type UprobeOptions } from './native.ts';

const OBJECT = fileURLToPath(new URL('../../../../bpf/build/capture.bpf.o', import.meta.url));

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

const EPERM = 1;
const ENOENT = 2;
const ENOMEM = 12;
const EACCES = 13;

/** Set before the load. */
export interface ProgramOptions {
  /** Size of the ring buffer: a power of two and a multiple of the page size. */
  readonly ringBytes: number;
  /** Report exec, fork, exit and listen of every process, not only of selected ones. */
  readonly discovery: boolean;
  /** Programs whose tracepoint this kernel has not. */
  readonly missing: ReadonlySet<string>;
  /** Whether the kernel has uprobes. */
  readonly uprobes: boolean;
  /** Whether the kernel takes iterators. */
  readonly iterators: boolean;
}

/** What user space tells the kernel side of a process whose runtime it knows. */
export interface RuntimeEntry {
  /** Of `RUNTIME_KIND`. */
  readonly kind: number;
  /** At most four; what they mean is up to the kind. */
  readonly parameters: readonly bigint[];
}

const PROGRAMS = [
  // What ends or changes things comes first, so that nothing is seen whose end would not be.
  'sched_process_exit',
  'sched_process_fork',
  'sched_process_exec',
  'tcp_destroy_sock',
  'inet_sock_set_state',
  'sk_data_ready',
  'sched_waking',
  'tcp_retransmit_skb',
  'tcp_sendmsg_locked',
  'sock_recv_length',
  'sock_send_length',
] as const;

/** Run over all elements of a map. */
const UNIX_SWEEP = 'unix_sweep';

/** Attached to functions of observed programs, by whoever knows where those are. */
const UPROBE_PROGRAMS = [
  'go_http_round_trip',
  'go_http_write',
  'go_newproc1',
  'go_is_system_goroutine',
  'python_context_copied',
] as const;

export type UprobeProgram = (typeof UPROBE_PROGRAMS)[number];

/** The BPF programs of `bpf/capture.bpf.c`, loaded; attached until `close`. */
export class Programs {
  readonly object: BpfObject;
  readonly #links: Link[] = [];
  readonly #missing: ReadonlySet<string>;
  #generation = 0;

  /** Throws `SPANLOOM_BPF_*` errors that say what the kernel refused and what helps. */
  constructor(options: ProgramOptions) {
    this.#missing = options.missing;
    this.object = explain(() => new (loadNative().BpfObject)(OBJECT));
    explain(() => {
      this.object.setMaxEntries('ring', options.ringBytes);
      this.object.setGlobal('discovery', Uint8Array.of(options.discovery ? 1 : 0));
      this.object.setGlobal('boot_seed', bootSeed());
      for (const program of PROGRAMS)
        if (options.missing.has(program)) this.object.setAutoload(program, false);
      if (!options.iterators) this.object.setAutoload(UNIX_SWEEP, false);
      if (!options.uprobes) for (const program of UPROBE_PROGRAMS) this.object.setAutoload(program, false);
      this.object.load();
    });
  }

  attach(): void {
    for (const program of PROGRAMS)
      if (!this.#missing.has(program)) this.#links.push(explain(() => this.object.attach(program)));
  }

  detach(): void {
    for (const link of this.#links.splice(0)) link.close();
  }

  /** Captures a process; its children will be too. */
  select(pid: number): void {
    explain(() => this.object.update('selected_processes', u32(pid), Uint8Array.of(1)));
    this.#changed();
  }

  unselect(pid: number): void {
    explain(() => this.object.delete('selected_processes', u32(pid)));
    this.#changed();
  }

  /** Reports every Unix socket that is followed and still there; only with iterators. */
  sweepUnixSockets(): void {
    explain(() => this.object.iterate(UNIX_SWEEP, 'unix_sockets'));
  }

  /** From now on, until it runs another program, the kernel side looks for what this runtime runs. */
  setRuntime(pid: number, { kind, parameters }: RuntimeEntry): void {
    const value = Buffer.alloc(RUNTIME.bytes);
    value.writeUInt32LE(kind, RUNTIME.kind);
    parameters.forEach((parameter, i) => {
      value.writeBigUInt64LE(parameter, RUNTIME.parameters + 8 * i);
    });
    explain(() => this.object.update('runtimes', u32(pid), value));
    this.#changed();
  }

  forgetRuntime(pid: number): void {
    explain(() => this.object.delete('runtimes', u32(pid)));
    this.#changed();
  }

  /** Throws `SPANLOOM_BPF_UPROBE`. The link is the caller's to close. */
  attachUprobe(program: UprobeProgram, path: string, offset: number, options: UprobeOptions): Link {
    return explain(() => this.object.attachUprobe(program, path, offset, options));
  }

  /** Records that found the ring full, since the load. */
  lost(): number {
    const counts = this.object.lookup('lost', u32(0))!;
    const view = new DataView(counts.buffer, counts.byteOffset, counts.byteLength);
    let sum = 0;
    for (let at = 0; at < counts.byteLength; at += 8) sum += Number(view.getBigUint64(at, true));
    return sum;
  }

  close(): void {
    this.detach();
    this.object.close();
  }

  #changed(): void {
    this.object.setGlobal('selection_generation', u32(++this.#generation));
  }
}

/** Half of the boot id, which is random. */
function bootSeed(): Uint8Array {
  return Buffer.from(readFileSync(BOOT_ID, 'latin1').replaceAll('-', '').slice(0, 16), 'hex');
}

function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function explain<T>(step: () => T): T {
  try {
    return step();
  } catch (cause) {
    if (!isNativeError(cause)) throw cause;
    const log = cause.log.trim();
    throw new SpanloomError(
      cause.code,
      `${cause.message}. ${remedy(cause.code, cause.errno)}${log ? `\n${log}` : ''}`,
      { cause },
    );
  }
}

function remedy(code: string, errno: number): string {
  if (code === 'SPANLOOM_BPF_OPEN' && errno === ENOENT)
    return 'The BPF programs are not built: run "npm run setup" in Spanloom\'s folder.';
  switch (errno) {
    case EPERM:
    case EACCES:
      return 'Loading BPF programs needs CAP_BPF and CAP_PERFMON (run as root, or grant them), and a kernel that is not locked down (/sys/kernel/security/lockdown).';
    case ENOMEM:
      return 'Memory for BPF maps is short: lower ring_buffer_mib, or raise the memory limit of the container.';
    default:
      return 'Please report this with the kernel version and the lines below, if there are any.';
  }
}
