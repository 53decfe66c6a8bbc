import type { Nanos } from '../collector/clock.ts';
import type { Evidence } from './link/rule.ts';
import type { VerifyOptions } from './verify/verify.ts';

/** How pipelines come to the same trace. */
export interface RendezvousOptions {
  /** How long a request waits, from when it could have left, for who follows its caller's side. */
  readonly wait: Nanos;
  /** How long a decision is kept for who has not asked yet. */
  readonly ttl: Nanos;
  readonly store: MemoryStore | RedisStore;
}

/** For pipelines of one process. */
export interface MemoryStore {
  readonly kind: 'memory';
  /** Calls kept at a time. */
  readonly maxEntries: number;
}

/** For all pipelines that use one server. */
export interface RedisStore {
  readonly kind: 'redis';
  /** `redis://host:port/database`, `rediss://` for TLS. */
  readonly endpoint: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** What keys begin with. */
  readonly keyPrefix: string;
  /** How long the server may take to answer. */
  readonly timeout: Nanos;
  /** Messages that may wait for the server at a time. */
  readonly maxWaiting: number;
}

/** How the merge behaves; the processor's configuration, validated. */
export interface CorrelateOptions {
  /** How long a tree is held after its outermost exchange has ended: SDKs export every 5 s. */
  readonly decisionWait: Nanos;
  /** How long a tree may be held in all, exchanges still open included. */
  readonly maxAge: Nanos;
  /** How long what was decided is remembered for spans that come late. */
  readonly lateWindow: Nanos;
  /** Spans and exchanges held or remembered at a time. */
  readonly maxSpans: number;
  /** Bytes of SDK spans held at a time. */
  readonly maxBytes: number;
  /** Of an SDK span and the exchange it describes: `enrich` keeps the SDK's with the kernel's facts, `nest` keeps both. */
  readonly overlap: 'enrich' | 'nest';
  /** SDK spans of another trace in the same chain: `rewrite` gives them its id, `link` leaves them and links. */
  readonly traceConflict: 'rewrite' | 'link';
  readonly unmatched: 'keep' | 'drop';
  /** Checks links against what the wire and SDKs tell; undefined: not at all. */
  readonly verify: VerifyOptions | undefined;
  /** Where pipelines that see other ends of calls are met; undefined: nowhere. */
  readonly rendezvous?: RendezvousOptions | undefined;
  /** The kinds of evidence to use. */
  readonly evidence: ReadonlySet<Evidence>;
}
