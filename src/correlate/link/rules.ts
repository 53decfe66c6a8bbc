import type { Activity, Process } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import type { MergeObserver } from '../observer.ts';
import { ForwardedContext } from './forwarded-context.ts';
import { RequestId } from './request-id.ts';
import type { Evidence, LinkRule, LinkSink, Verdict } from './rule.ts';
import { SliceRule } from './slice.ts';
import { ThreadRule } from './thread.ts';
import { Trust } from './trust.ts';

export type RankedVerdict =
  | { readonly cause: ExchangeNode; readonly evidence: Evidence }
  | { readonly ambiguous: readonly ExchangeNode[] };

/** The rules that are switched on, strongest first. */
export class LinkRules {
  readonly #trust = new Trust();
  readonly #rules: readonly LinkRule[];
  readonly #observer: MergeObserver | undefined;

  constructor(evidence: ReadonlySet<Evidence>, sink: LinkSink, observer?: MergeObserver) {
    this.#observer = observer;
    const all: readonly LinkRule[] = [
      new ForwardedContext(),
      new RequestId(),
      new ThreadRule(this.#trust),
      new SliceRule(this.#trust, sink),
    ];
    this.#rules = all.filter((rule) => evidence.has(rule.evidence));
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    for (const rule of this.#rules) rule.observe(activity, node);
  }

  /**
   * What the strongest evidence that speaks says. Where that names several causes, weaker evidence may choose among
   * them, and nothing else.
   */
  cause(client: ExchangeNode): RankedVerdict | undefined {
    let among: readonly ExchangeNode[] | undefined;
    for (const rule of this.#rules) {
      const verdict = rule.cause(client, client.exchange.thread);
      if (this.#observer?.said) this.#tell(this.#observer, rule, client, verdict);
      if (verdict === undefined) continue;
      if ('ambiguous' in verdict) {
        among = among ? among.filter((node) => verdict.ambiguous.includes(node)) : verdict.ambiguous;
      } else if (among === undefined || among.includes(verdict.cause))
        return { cause: verdict.cause, evidence: rule.evidence };
    }
    return among && { ambiguous: among };
  }

  settle(client: ExchangeNode): void {
    for (const rule of this.#rules) rule.settle?.(client);
  }

  #tell(observer: MergeObserver, rule: LinkRule, client: ExchangeNode, verdict: Verdict): void {
    const why =
      verdict === undefined
        ? (rule.silence?.(client, client.exchange.thread) ?? 'nothing_seen')
        : 'ambiguous' in verdict
          ? 'several_candidates'
          : undefined;
    observer.said?.(client, rule.evidence, verdict, why);
  }

  checked(process: Process, evidence: Evidence, right: boolean): void {
    this.#trust.checked(process, evidence, right);
  }
}
