import type { Nanos } from '../collector/clock.ts';
import type { Activity } from '../receiver/ebpf/exchange.ts';
import type { Evidence, Verdict } from './link/rule.ts';
import type { Silence } from './link/silence.ts';
import type { ExchangeNode, SdkNode, TreeNode } from './node.ts';
import type { Judgement } from './verify/track-record.ts';
import type { Verified } from './verify/verify.ts';

/** What became of a link that evidence asked for. */
export type LinkOutcome =
  | 'linked'
  /** Another kind of evidence had linked the call, to the same cause or to another. */
  | 'confirmed'
  | 'contradicted'
  /** Stronger evidence had left other causes to choose from. */
  | 'not_among'
  /** The call has left already. */
  | 'too_late'
  /** The cause turned out to be no request. */
  | 'cause_discarded'
  /** The headers of the two name different traces. */
  | 'different_traces'
  /** Both have left in different traces: a span link joins them. */
  | 'both_left';

/** How an SDK's span was taken in. */
export type SpanFate = 'held' | 'late' | 'duplicate' | 'unidentified';

/** Why a tree was decided: its time had come, there was too much to hold, or the pipeline ended. */
export type DecidedBy = 'due' | 'pushed_out' | 'shutdown';

/**
 * Sees what a `Correlator` takes in and decides. Nodes are the correlator's own: to be read, and let go of like it does.
 * Where there is no observer nothing is gathered for one.
 */
export interface MergeObserver {
  /** `node` is missing where the activity is about no exchange that is followed. Before the correlator acts on it. */
  activity?(activity: Activity, node: ExchangeNode | undefined): void;
  spanReceived?(span: SdkNode, fate: SpanFate, at: Nanos): void;
  /** One kind of evidence spoke of a call, or was asked and is silent; `why` tells what kept it from naming one cause. */
  said?(client: ExchangeNode, evidence: Evidence, verdict: Verdict, why: Silence | undefined): void;
  /** What was made of a cause that was named. */
  linking?(client: ExchangeNode, cause: ExchangeNode, evidence: Evidence, outcome: LinkOutcome): void;
  /** Ids and parents of these members of a tree are final. `node.tree` holds the others. */
  decided?(nodes: readonly TreeNode[], by: DecidedBy, at: Nanos): void;
  /** `verify` has compared what this kind of evidence says by itself with what the wire or an SDK tells. */
  verified?(client: ExchangeNode, truth: ExchangeNode, evidence: Verified, judgement: Judgement): void;
  /** It was written to the output, or is represented there by another. */
  released?(node: TreeNode, at: Nanos): void;
}
