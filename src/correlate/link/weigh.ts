import type { ExchangeNode } from '../node.ts';
import { EVIDENCE, type Evidence } from './rule.ts';

/** What one kind of evidence says of a call. */
export interface Statement {
  readonly evidence: Evidence;
  /** One: that caused it. Several: one of them did. */
  readonly causes: readonly ExchangeNode[];
  /** Whether the process has earned that this is believed by itself; asked when it counts. */
  readonly believed: boolean | (() => boolean);
}

export type Outcome =
  | { readonly cause: ExchangeNode; readonly evidence: Evidence }
  | { readonly ambiguous: readonly ExchangeNode[] }
  /** It would be this, if it were believed. */
  | { readonly unbelieved: ExchangeNode }
  | undefined;

/** Kinds that conclude from the order of things. The others read what names the request. */
export const GUESSES: ReadonlySet<Evidence> = new Set(['response_writer', 'completion_wake', 'slice']);

/** Kinds that something independent can show to be wrong in a process: what reads a name is not among them. */
export const CHECKED: ReadonlySet<Evidence> = new Set(['goroutine', 'thread', ...GUESSES]);

/**
 * What comes of several kinds of evidence about one call:
 *
 * 1. The stronger kind wins over the weaker.
 * 2. Where the stronger kind names several requests, the weaker may choose among them and says nothing else.
 * 3. Guesses do not win over each other: if they disagree, it is ambiguous; if they agree, that is belief enough.
 *
 * @param among what was left to choose from when the call was made
 */
export function weigh(statements: readonly Statement[], among?: readonly ExchangeNode[]): Outcome {
  let left = among;
  const guesses: Statement[] = [];
  for (const statement of [...statements].sort(strongestFirst)) {
    const { causes, evidence } = statement;
    if (causes.length > 1) left = left ? narrowed(left, causes) : causes;
    else if (left && !left.includes(causes[0]!)) continue;
    else if (GUESSES.has(evidence)) guesses.push(statement);
    else return { cause: causes[0]!, evidence };
  }
  return weighGuesses(guesses, left) ?? (left && { ambiguous: left });
}

function weighGuesses(guesses: readonly Statement[], left: readonly ExchangeNode[] | undefined): Outcome {
  const [strongest] = guesses;
  if (strongest === undefined) return undefined;
  const cause = strongest.causes[0]!;
  if (guesses.some((guess) => guess.causes[0] !== cause))
    return { ambiguous: [...new Set(guesses.map((guess) => guess.causes[0]!))] };
  // A guess that a later, weaker statement leaves out is contradicted by it.
  if (left && !left.includes(cause)) return { ambiguous: [cause, ...left] };
  if (guesses.length > 1 || guesses.some(isBelieved)) return { cause, evidence: strongest.evidence };
  return { unbelieved: cause };
}

export function isBelieved({ believed }: Statement): boolean {
  return typeof believed === 'boolean' ? believed : believed();
}

/** The weaker narrows what the stronger left, unless it speaks of others only. */
function narrowed(left: readonly ExchangeNode[], causes: readonly ExchangeNode[]): readonly ExchangeNode[] {
  const both = left.filter((node) => causes.includes(node));
  return both.length > 0 ? both : left;
}

function strongestFirst(a: Statement, b: Statement): number {
  return EVIDENCE.indexOf(a.evidence) - EVIDENCE.indexOf(b.evidence);
}
