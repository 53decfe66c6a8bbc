/** Where the caller's side has put a call: what the callee's side hangs under. */
export interface FarParent {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** The span shown for the call, 16 lower-case hex digits; empty where nothing is shown above the callee. */
  readonly spanId: string;
  /** False: the trace is sampled out. */
  readonly sampled: boolean;
}

export type Answer =
  | FarParent
  /** Somebody follows the caller's side and has not decided yet. */
  | 'promised'
  /** Nobody has said anything about the call. */
  | 'unknown'
  /** The store could not be asked. */
  | 'unavailable';

/**
 * Where pipelines that each see one end of a call come to the same trace. The caller's side says first that it follows
 * the call, then what it has decided; the callee's side asks. A call's name is the same at both ends (`name.ts`).
 *
 * No method blocks or throws. What is kept goes after a while, and is bounded.
 */
export interface Rendezvous {
  /** From here on it is used; a store that can not be reached yet is tried again. */
  open(): void;
  promise(name: string): void;
  decide(name: string, parent: FarParent): void;
  /** `answered` is called once for every name: before this returns, or within a bounded time. */
  ask(names: readonly string[], answered: (name: string, answer: Answer) => void): void;
  /** Hands over what is on its way, within a bounded time. */
  close(): Promise<void>;
}
