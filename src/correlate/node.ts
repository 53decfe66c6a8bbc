import type { Nanos } from '../collector/clock.ts';
import type { Peer } from '../otlp/batch.ts';
import type { ResourceEnvelope, ScopeEnvelope } from '../otlp/envelope.ts';
import type { Exchange, Process, Thread } from '../receiver/ebpf/exchange.ts';
import { type RequestContext, readContext } from './context.ts';
import { spanIdOf } from './identity.ts';
import type { Evidence } from './link/rule.ts';
import type { Alike } from './link/slice-belief.ts';
import type { Reading } from './link/slice-reading.ts';
import type { Statement } from './link/weigh.ts';
import type { Far } from './rendezvous/far-ends.ts';
import type { Tree } from './tree.ts';

/** An exchange in a tree. */
export class ExchangeNode {
  readonly type = 'exchange';
  readonly spanId: string;
  readonly context: RequestContext;
  /** Equal for requests that carry the same context; undefined where it is not known or there is none. */
  readonly contextKey: string | undefined;
  tree!: Tree;
  /** Its end has not come yet. The exchange itself can be ahead: it is filled in before its activities are handed on. */
  open = true;
  /** The same exchange seen from the other end of its connection. */
  peer: ExchangeNode | undefined = undefined;
  /** Client side: the server exchange that caused it, and what says so. */
  cause: ExchangeNode | undefined = undefined;
  evidence: Evidence | undefined = undefined;
  /** Evidence was there but named more than one cause. */
  ambiguous = false;
  /** The causes that exact evidence left to choose from. */
  among: readonly ExchangeNode[] | undefined = undefined;
  /** The SDK span that describes the same request. */
  sdk: SdkNode | undefined = undefined;
  /** The cause, where it could not be joined because both trees had left already. */
  linkedTo: ExchangeNode | undefined = undefined;
  /** Server side: what is known of its caller where another pipeline may see that; undefined until it is asked for. */
  far: Far | undefined = undefined;
  /** It has left (or its id was promised): ids and parent are final. */
  frozen: Frozen | undefined = undefined;
  emitted = false;
  /** It turned out to be none. */
  discarded = false;
  /** Server side: it has been read and not answered yet. Link rules keep this here: a set of all would be one more table. */
  active = false;
  /** Client side: the thread that wrote the request read the response. */
  blocking = false;
  /** Client side: what was said late and not believed. */
  unbelieved: readonly Statement[] | undefined = undefined;
  /** Client side: what its slice said, until a later one can check it. */
  reading: Reading | undefined = undefined;
  /** Client side: who asked for the same when it was made. */
  alike: Alike | undefined = undefined;
  /** Server side: the latest call that a slice says is its. */
  latestCall: ExchangeNode | undefined = undefined;
  /** Server side: the thread that answered it, where another had read it. */
  writer: Thread | undefined = undefined;

  constructor(readonly exchange: Exchange) {
    this.spanId = spanIdOf(exchange);
    const context = readContext(exchange.request?.context);
    this.context = context;
    this.contextKey = typeof context === 'string' ? undefined : context.traceId + context.spanId;
  }

  get start(): Nanos {
    return this.exchange.start;
  }

  /** Lets go of what rules have noted: through it one exchange would keep the next, and so all there ever were. */
  forgetNotes(): void {
    this.unbelieved = undefined;
    this.reading = undefined;
    this.alike = undefined;
    this.latestCall = undefined;
    this.writer = undefined;
  }
}

/** An SDK's span, copied out of the batch that brought it. */
export class SdkNode {
  readonly type = 'sdk';
  tree!: Tree;
  describes: ExchangeNode | undefined = undefined;
  /** The exchange it describes, where it could not be joined because both trees had left already. */
  linkedTo: ExchangeNode | undefined = undefined;
  frozen: Frozen | undefined = undefined;
  emitted = false;

  constructor(
    readonly traceId: string,
    readonly spanId: string,
    /** Empty for a root. */
    readonly parentSpanId: string,
    /** OTLP SpanKind. */
    readonly kind: number,
    readonly start: Nanos,
    readonly end: Nanos,
    /** The observed process that made it, where that is known. */
    public process: Process | undefined,
    /** Who delivered it, for finding the process later. */
    readonly deliveredBy: Peer | undefined,
    readonly resource: ResourceEnvelope,
    readonly scope: ScopeEnvelope,
    /** What matching compares. */
    readonly content: SdkContent,
    /** The Span message; released when it has left. */
    public bytes: Uint8Array | undefined,
  ) {}

  readonly open = false;
}

/** What an SDK span says of the request it describes, from old or new semantic conventions. */
export interface SdkContent {
  readonly method: string | undefined;
  /** Path without query. */
  readonly path: string | undefined;
  readonly status: number | undefined;
  readonly peerPort: number | undefined;
  /** It names its peer's address itself. */
  readonly hasPeer: boolean;
  /** Database or messaging system. */
  readonly system: string | undefined;
  readonly operation: string | undefined;
}

export type TreeNode = ExchangeNode | SdkNode;

/** What was decided about a node when its tree was released. */
export interface Frozen {
  readonly traceId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  /** When the span starts: an exchange never before the exchange that is its parent. */
  readonly start: Nanos;
  /** What says so; undefined where it is the SDK's own word, or a root. */
  readonly evidence: Evidence | 'peer' | undefined;
  /** Does not leave as a span of its own: an SDK span stands for it, or its trace is sampled out. */
  readonly silent: boolean;
  /** Causes in traces that had already left when they became known: they are linked to, not joined. */
  readonly links: readonly SpanReference[];
}

export interface SpanReference {
  readonly traceId: string;
  readonly spanId: string;
}
