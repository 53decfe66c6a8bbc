import type { Clock } from '../../../collector/clock.ts';
import type { Counter, Counters } from '../../../collector/counters.ts';
import { WALL_CLOCK_SHIFT_NANO } from '../../../collector/wall-clock.ts';
import { SpanloomError } from '../../../error.ts';
import {
  type Capability,
  ITERATORS,
  isMissing,
  OPTIONAL_TRACEPOINTS,
  probeCapabilities,
  requireCapabilities,
  UPROBES,
} from './capabilities.ts';
import { Decoder } from './decode.ts';
import { LARGEST_RECORD } from './layout.ts';
import { type Link, loadNative, type RingBuffer, type UprobeOptions } from './native.ts';
import { Programs, type RuntimeEntry, type UprobeProgram } from './programs.ts';
import type { RecordingWriter } from './recording.ts';
import type { CaptureSink, CaptureSource } from './source.ts';

export interface KernelCaptureOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  /** Report exec, fork, exit and listen of every process; otherwise only of selected ones. Default false. */
  readonly discovery?: boolean;
  /** Size of the ring buffer in bytes, a power of two of at least 4096. Default 16 MiB. */
  readonly ringBytes?: number;
  /** Attach to functions of observed programs, where the kernel can. Default true. */
  readonly uprobes?: boolean;
  /** BPF programs to leave out: what they cost shows beside a capture that has them. Default none. */
  readonly without?: readonly string[];
  /** How long records are let gather in the ring, in milliseconds. Default 5. */
  readonly drainIntervalMs?: number;
  /** Keeps everything that is captured. */
  readonly recorder?: RecordingWriter;
  /** How often Unix sockets are looked through for those that are gone, in milliseconds. Default 10 000. */
  readonly unixSweepIntervalMs?: number;
}

const DRAIN_BYTES = 1 << 20;

const UNIX_SWEEP_INTERVAL_MS = 10_000;

/** In one turn of the event loop at most this many buffers are drained, so that nothing else starves. */
const DRAINS_A_TURN = 8;

/**
 * What the kernel sees of selected processes.
 *
 * The ring is not read record by record: the first record wakes this side, which waits `drainIntervalMs` and then takes
 * all there is, again and again until there is nothing. Idle, it costs nothing; busy, the observed processes pay for
 * one wake-up an interval.
 */
export class KernelCapture implements CaptureSource {
  readonly #options: KernelCaptureOptions;
  readonly #captured: Counter;
  readonly #lostRecords: Counter;
  readonly #buffer = new Uint8Array(DRAIN_BYTES);
  readonly #decoder = new Decoder(this.#buffer);
  #programs: Programs | undefined;
  #ring: RingBuffer | undefined;
  #sink: CaptureSink | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unixSweeps: NodeJS.Timeout | undefined;
  #lost = 0;
  #uprobes = false;

  constructor(options: KernelCaptureOptions) {
    this.#options = options;
    this.#captured = options.counters.counter('spanloom_capture_records');
    this.#lostRecords = options.counters.counter('spanloom_capture_lost_records');
  }

  /** What is and is not available here; the same table that `start` checks. */
  static probe(): Capability[] {
    return probeCapabilities();
  }

  /**
   * Rejects with `SPANLOOM_CAPTURE_UNAVAILABLE`, `SPANLOOM_ADDON_*` or `SPANLOOM_BPF_*`.
   *
   * @param capabilities what `probe` said, where that was asked already
   */
  async start(sink: CaptureSink, capabilities = probeCapabilities()): Promise<void> {
    requireCapabilities(capabilities);
    this.#sink = sink;
    this.#uprobes = this.#options.uprobes !== false && !isMissing(capabilities, UPROBES);
    const iterators = !isMissing(capabilities, ITERATORS);
    const programs = new Programs({
      ringBytes: this.#options.ringBytes ?? 1 << 24,
      discovery: this.#options.discovery ?? false,
      missing: new Set([
        ...Object.keys(OPTIONAL_TRACEPOINTS).filter((name) => isMissing(capabilities, `tracepoint ${name}`)),
        ...(this.#options.without ?? []),
      ]),
      uprobes: this.#uprobes,
      iterators,
    });
    try {
      this.#ring = programs.object.ringBuffer('ring', LARGEST_RECORD);
      this.#ring.onReadable(() => this.#scheduleDrain());
      programs.attach();
    } catch (error) {
      this.#ring?.close();
      programs.close();
      throw error;
    }
    this.#programs = programs;
    this.#ring.arm();
    if (!iterators) return;
    this.#unixSweeps = setInterval(
      () => programs.sweepUnixSockets(),
      this.#options.unixSweepIntervalMs ?? UNIX_SWEEP_INTERVAL_MS,
    );
    this.#unixSweeps.unref();
  }

  /** Captures a process and the children it will have. This process itself is refused. */
  select(pid: number): void {
    if (pid === process.pid)
      throw new SpanloomError(
        'SPANLOOM_CAPTURE_SELF',
        `Process ${pid} is Spanloom itself, which it never captures.`,
      );
    this.#programs?.select(pid);
  }

  unselect(pid: number): void {
    this.#programs?.unselect(pid);
  }

  /** Looks for the execution contexts of this process; the children it will have inherit that. */
  setRuntime(pid: number, entry: RuntimeEntry): void {
    this.#programs?.setRuntime(pid, entry);
  }

  forgetRuntime(pid: number): void {
    this.#programs?.forgetRuntime(pid);
  }

  /** Undefined when nothing is captured, or the kernel has no uprobes. Throws `SPANLOOM_BPF_UPROBE`. The link is the caller's to close. */
  attachUprobe(
    program: UprobeProgram,
    path: string,
    offset: number,
    options: UprobeOptions,
  ): Link | undefined {
    return this.#uprobes ? this.#programs?.attachUprobe(program, path, offset, options) : undefined;
  }

  async shutdown(): Promise<void> {
    const programs = this.#programs;
    if (!programs) return;
    clearTimeout(this.#timer);
    clearInterval(this.#unixSweeps);
    programs.detach();
    while (this.#drain()) {
      // Nothing is added any more: this ends.
    }
    this.#ring?.close();
    programs.close();
    this.#programs = undefined;
  }

  /** Run time of each BPF program; counted after `enableProgramStats` of the addon. */
  programStats(
    program: string,
  ): { runTimeNanos: number; runCount: number; recursionMisses: number } | undefined {
    return this.#programs?.object.programStats(program);
  }

  #scheduleDrain(): void {
    this.#timer = setTimeout(() => {
      let drains = 0;
      while (drains < DRAINS_A_TURN && this.#drain()) drains++;
      if (drains > 0) this.#scheduleDrain();
      else this.#ring?.arm();
    }, this.#options.drainIntervalMs ?? 5);
  }

  /** One buffer full at most; false when there was nothing. */
  #drain(): boolean {
    const used = this.#ring!.drain(this.#buffer);
    const clockOffset = loadNative().clockOffset() + WALL_CLOCK_SHIFT_NANO;
    const lost = this.#takeLost();
    if (used === 0 && lost === 0) return false;
    const { clock, recorder } = this.#options;
    const sink = this.#sink!;
    const shift = Number(clockOffset - clock.epochUnixNano);
    recorder?.beginDrain(this.#buffer.subarray(0, used), clockOffset);
    this.#decoder.decode(0, used, shift, (event, next) => {
      this.#captured.value++;
      recorder?.passed(next);
      sink.event(event);
    });
    if (lost > 0) {
      const event = { type: 'lost', count: lost, at: clock.now() } as const;
      recorder?.lost(event);
      sink.event(event);
    }
    recorder?.drained();
    sink.drained();
    return true;
  }

  #takeLost(): number {
    const total = this.#programs!.lost();
    const lost = total - this.#lost;
    this.#lost = total;
    this.#lostRecords.value += lost;
    return lost;
  }
}
