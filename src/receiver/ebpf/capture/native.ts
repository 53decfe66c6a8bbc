import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { SpanloomError } from '../../../error.ts';

/**
 * The native addon, declared. It assumes that arguments are what these types say.
 *
 * What fails throws a `NativeError`; its codes are `SPANLOOM_BPF_OPEN`, `_LOAD`, `_ATTACH`, `_UPROBE`, `_NAME`, `_MAP`,
 * `_RING`, `_STATS` and `SPANLOOM_BTF_MISSING`.
 */
export interface Native {
  readonly BpfObject: new (path: string) => BpfObject;
  /** CLOCK_REALTIME minus CLOCK_MONOTONIC, nanoseconds. */
  clockOffset(): bigint;
  /** Which of these tracepoints the running kernel's BTF has. */
  findTracepoints(names: readonly string[]): boolean[];
  /** Whether the kernel takes programs that iterate over the elements of a socket storage map. */
  takesIterators(): boolean;
  /** The map behind a descriptor of this process; `entries` only for hash maps: the others can not be counted. */
  mapEntries(fd: number): { readonly name: string; readonly entries?: number };
  /** Makes the kernel count runs and run time of BPF programs until this process ends; costs some 20 ns a run. */
  enableProgramStats(): void;
}

export interface NativeError extends Error {
  readonly code: string;
  /** Linux error number, positive. */
  readonly errno: number;
  /** What libbpf said, the verifier's log included. */
  readonly log: string;
}

export interface BpfObject {
  /** Sets a global variable: any before the load, those that are not constant at any time. */
  setGlobal(name: string, value: Uint8Array): void;
  setMaxEntries(map: string, entries: number): void;
  /** Programs that are not to be loaded, before the load. */
  setAutoload(program: string, load: boolean): void;
  load(): void;
  attach(program: string): Link;
  /** Runs an iterator program over all elements of a map, once. */
  iterate(program: string, map: string): void;
  /**
   * Runs the program whenever a process, now or later, comes to the instruction at byte `offset` of the file at `path`.
   * `onReturn`: when the function that begins there returns; that puts an address on the stack, so the function's
   * stack must stay where it is. `cookie` is what `bpf_get_attach_cookie` gives the program.
   */
  attachUprobe(program: string, path: string, offset: number, options: UprobeOptions): Link;
  /** `largestRecord` in bytes: `drain` stops while there still is room for it. */
  ringBuffer(map: string, largestRecord: number): RingBuffer;
  /** The value, or undefined where there is none. Of a map for each CPU: all values, each padded to 8 bytes. */
  lookup(map: string, key: Uint8Array): Uint8Array | undefined;
  update(map: string, key: Uint8Array, value: Uint8Array): void;
  /** False where there was none. */
  delete(map: string, key: Uint8Array): boolean;
  programStats(program: string): {
    readonly runTimeNanos: number;
    readonly runCount: number;
    readonly recursionMisses: number;
  };
  /** Layout of a struct in the object's BTF, nested fields by dotted names; bytes. */
  structLayout(name: string): StructLayout | undefined;
  close(): void;
}

export interface UprobeOptions {
  readonly onReturn?: boolean;
  readonly cookie?: bigint;
}

export interface StructLayout {
  readonly size: number;
  readonly fields: Readonly<Record<string, { readonly offset: number; readonly size: number }>>;
}

export interface Link {
  /** Detaches. */
  close(): void;
  /** Detaches soon. The kernel takes a good part of a second to be sure that nobody is in a uprobe any more. */
  closeInBackground(): void;
}

export interface RingBuffer {
  /**
   * Copies committed records, one after the other, to the start of `into`, and says how many bytes. Each record says
   * its size in its first four bytes. `into` must be at least as long as the largest record.
   */
  drain(into: Uint8Array): number;
  /** Once; then each `arm` leads to at most one call, as soon as there is a record. */
  onReadable(callback: () => void): void;
  arm(): void;
  close(): void;
}

const ADDON = fileURLToPath(new URL('../../../../native/build/spanloom.node', import.meta.url));

let native: Native | undefined;

/** Loads the addon at the first call. Throws `SPANLOOM_ADDON_MISSING` or `SPANLOOM_ADDON_BROKEN`. */
export function loadNative(): Native {
  if (native) return native;
  try {
    native = createRequire(import.meta.url)(ADDON) as Native;
    return native;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND')
      throw new SpanloomError(
        'SPANLOOM_ADDON_MISSING',
        `The native addon is not built: there is no ${ADDON}. Run "npm run setup" in Spanloom's folder.`,
        { cause },
      );
    throw new SpanloomError(
      'SPANLOOM_ADDON_BROKEN',
      `The native addon ${ADDON} can not be loaded: ${(cause as Error).message}. It needs libelf and zlib; "npm run setup" in Spanloom's folder builds it anew.`,
      { cause },
    );
  }
}

export function isNativeError(error: unknown): error is NativeError {
  return error instanceof Error && 'code' in error && 'errno' in error && 'log' in error;
}
