import type { Few } from '../few.ts';
import type { ExchangeNode } from '../node.ts';
import { sameContent } from './content.ts';

export interface PendingCall {
  /** Undefined while only the connection has been opened for it. */
  client: ExchangeNode | undefined;
  /** What its segment said, once that is read off. */
  reading: Reading | undefined;
}

/** What a segment says of one call. */
export interface Reading {
  /** The requests it can have been made for. */
  readonly candidates: readonly ExchangeNode[];
  /** Why it is the first of them: nobody else is there, only its content agrees, or calls follow the order of the reads. */
  readonly basis: 'alone' | 'content' | 'order' | undefined;
  /** Everything that was waiting then. */
  readonly waiting: readonly ExchangeNode[];
  /** The one whose turn it is, where there are as many calls as requests waiting. */
  readonly inOrder: ExchangeNode | undefined;
  /** The one of several that the last read was about. */
  readonly last: ExchangeNode | undefined;
  /** All requests it can have been made for are among those. */
  readonly complete: boolean;
  /** This holds only if calls follow the order of the reads. */
  readonly assumesOrder: boolean;
}

/** The requests a segment is about. */
export interface Requests {
  /** In the order they, or answers to their calls, were read. */
  readonly all: Few<ExchangeNode>;
  /** The one that the last read was about. */
  readonly last: ExchangeNode | undefined;
  /** Those that a response stands for: what is done about them is as a rule to answer. */
  readonly called: Few<ExchangeNode>;
  /** There can be no other. */
  readonly complete: boolean;
  readonly assumesOrder: boolean;
}

/**
 * Whose turn each call is: of as many requests as calls, or of as many as ask for the same. Requests that have `called`
 * before (retries) have no turn.
 */
export function turns(
  pending: readonly PendingCall[],
  waiting: readonly ExchangeNode[],
  called: Few<ExchangeNode>,
): readonly (ExchangeNode | undefined)[] {
  if (
    pending.length === waiting.length &&
    !waiting.some((node) => called.has(node)) &&
    pending.every(({ client }, i) => client === undefined || sameContent(client, waiting[i]!))
  )
    return waiting;
  if (pending.some(({ client }) => client === undefined)) return [];
  return pending.map(({ client }) => {
    const alike = waiting.filter((node) => sameContent(client!, node));
    const [first] = alike;
    if (first === undefined || alike.some((node) => called.has(node))) return undefined;
    const calls = pending.filter((call) => sameContent(call.client!, first));
    return calls.length === alike.length
      ? alike[calls.findIndex((call) => call.client === client)]
      : undefined;
  });
}

export function readCall(
  call: PendingCall,
  waiting: readonly ExchangeNode[],
  { complete, assumesOrder }: Requests,
  inOrder: ExchangeNode | undefined,
  last: ExchangeNode | undefined,
): Reading {
  const basis = waiting.length === 1 && complete ? 'alone' : inOrder ? 'order' : undefined;
  const reading = { candidates: waiting, waiting, basis, complete, inOrder, last, assumesOrder } as const;
  return call.client ? withContent(reading, call.client) : reading;
}

/** The reading of a call, now that its request is known. */
export function withContent(reading: Reading, client: ExchangeNode): Reading {
  const { basis, complete, waiting } = reading;
  if (!complete || basis === 'alone') return reading;
  const agreeing = waiting.filter((node) => sameContent(client, node));
  return agreeing.length === 1 ? { ...reading, candidates: agreeing, basis: 'content' } : reading;
}
