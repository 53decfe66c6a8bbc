import type { Activity, Thread } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import type { Silence } from './silence.ts';

/**
 * Kinds of evidence that a client exchange was caused by a server exchange, strongest first. The name is the file,
 * the switch in the configuration and the value of `spanloom.link.evidence`.
 *
 * `sdk_span` is decided in `join/`, where SDK spans meet exchanges; the others are rules in this folder.
 */
export const EVIDENCE = [
  'wire_context',
  'forwarded_context',
  'request_id',
  'goroutine',
  'asyncio',
  'thread',
  'response_writer',
  'completion_wake',
  'slice',
  'sdk_span',
] as const;

export type Evidence = (typeof EVIDENCE)[number];

/** What a rule says of a client exchange. */
export type Verdict =
  /** This server exchange caused it. */
  | { readonly cause: ExchangeNode }
  /** One of several did, and this evidence can not tell which. */
  | { readonly ambiguous: readonly ExchangeNode[] }
  /** This evidence has nothing to say, or not yet. */
  | undefined;

/** Where a rule that decides later reports what it found. */
export interface LinkSink {
  /**
   * A later reading found what caused `client`; a check of the evidence, where its cause is known already.
   *
   * @param believed whether the process has earned it; a function is asked again before the call leaves
   */
  linked(
    client: ExchangeNode,
    cause: ExchangeNode,
    evidence: Evidence,
    believed: boolean | (() => boolean),
  ): void;
  ambiguous(
    client: ExchangeNode,
    candidates: readonly ExchangeNode[],
    evidence: Evidence,
    why: Silence,
  ): void;
}

/**
 * One kind of evidence. Rules see every activity in the kernel's order; they keep what they need to know per thread or
 * process and let go of it when those end.
 */
export interface LinkRule {
  readonly evidence: Evidence;
  /** An exchange's activity; `node` is missing for exchanges that are not followed (before their request is complete). */
  observe(activity: Activity, node: ExchangeNode | undefined): void;
  /** What caused this client exchange, asked when its request was written, before `observe` of that activity. */
  cause(client: ExchangeNode, thread: Thread): Verdict;
  /** Why `cause` has just said nothing; asked only where somebody wants to know. */
  silence?(client: ExchangeNode, thread: Thread): Silence;
  /** Decide now what is pending for this exchange: its tree is about to leave. */
  settle?(client: ExchangeNode): void;
}
