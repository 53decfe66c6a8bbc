import type { Evidence, Verdict } from '../../correlate/link/rule.ts';
import type { Silence } from '../../correlate/link/silence.ts';
import type { ExchangeNode } from '../../correlate/node.ts';
import type { LinkOutcome } from '../../correlate/observer.ts';

/** What one kind of evidence said of a call at one time. */
export interface Word {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly why: Silence | undefined;
  /** What became of the cause it named, where it did. */
  outcome: LinkOutcome | undefined;
}

/** What was said of each call, for as long as the merge knows it. */
export class Words {
  readonly #words = new WeakMap<ExchangeNode, Word[]>();

  said(client: ExchangeNode, evidence: Evidence, verdict: Verdict, why: Silence | undefined): void {
    const word: Word = { evidence, verdict, why, outcome: undefined };
    const words = this.#words.get(client);
    if (words) words.push(word);
    else this.#words.set(client, [word]);
  }

  linking(client: ExchangeNode, cause: ExchangeNode, evidence: Evidence, outcome: LinkOutcome): void {
    const word = this.#words
      .get(client)
      ?.findLast(
        ({ evidence: other, verdict }) =>
          other === evidence && verdict !== undefined && 'cause' in verdict && verdict.cause === cause,
      );
    if (word) word.outcome = outcome;
  }

  of(client: ExchangeNode): readonly Word[] {
    return this.#words.get(client) ?? [];
  }
}
