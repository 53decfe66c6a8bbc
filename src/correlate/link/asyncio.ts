import type { Activity, ExecutionContext, Process } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import { ContextFamilies, type Family, lineage, readAt } from './context-families.ts';
import type { LinkRule, LinkSink, Verdict } from './rule.ts';
import type { Silence } from './silence.ts';
import { WaitingCalls } from './waiting-calls.ts';

/** Nothing tells yet; it does not belong to a request; it belongs to one of these. */
type Finding = 'unknown' | 'no_request' | readonly Family[];

/**
 * CPython with asyncio: every task and callback runs in a contextvars context of its own, a copy of that of whoever made
 * it. The call belongs to the server connection from whose contexts the caller's context descends, the nearest first, and
 * there to the request at work.
 *
 * Event loops in C (uvloop) read in no task's context: there the context in which the response is written tells, and
 * the link is made then.
 */
export class AsyncioRule implements LinkRule {
  readonly evidence = 'asyncio';
  readonly #families = new ContextFamilies();
  readonly #waiting = new WaitingCalls();
  readonly #sink: LinkSink;

  constructor(sink: LinkSink) {
    this.#sink = sink;
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    switch (activity.type) {
      case 'request':
        if (node?.exchange.side === 'server' && activity.context && isPython(node.exchange.process))
          this.#families.read(node, activity.context);
        return;
      case 'response':
        if (node?.exchange.side === 'server' && activity.context && isPython(node.exchange.process))
          this.#answers(node, activity.context);
        return;
      case 'end':
      case 'discard':
        if (node?.exchange.side === 'server') this.#families.answered(node);
        else if (node && activity.type === 'discard') this.#waiting.delete(node);
        return;
      case 'connection':
        if (activity.state === 'closed') this.#families.closed(activity.process, activity.socket);
        return;
      case 'process_exit':
        this.#families.exited(activity.process);
        this.#waiting.exited(activity.process);
    }
  }

  cause(client: ExchangeNode): Verdict {
    const { context, process } = client.exchange;
    if (context === undefined || !isPython(process)) return undefined;
    const finding = this.#find(client, context);
    if (finding === 'unknown') this.#waiting.add(client, context);
    return typeof finding === 'string' ? undefined : verdictOf(finding);
  }

  silence(client: ExchangeNode): Silence {
    const { context, process } = client.exchange;
    if (!isPython(process)) return 'not_this_runtime';
    if (context === undefined) return 'no_python_context';
    return this.#waiting.contextOf(client) ? 'answer_tells' : 'idle_context';
  }

  settle(client: ExchangeNode): void {
    this.#waiting.delete(client);
  }

  #answers(node: ExchangeNode, context: ExecutionContext): void {
    this.#families.wrote(node, context);
    for (const client of this.#waiting.near(context)) {
      // What was called before this request was read is not its work.
      if (client.exchange.start < readAt(node)) continue;
      const finding = this.#find(client, this.#waiting.contextOf(client)!);
      if (finding === 'unknown') continue;
      this.#waiting.delete(client);
      const verdict = typeof finding === 'string' ? undefined : verdictOf(finding);
      if (verdict === undefined) continue;
      if ('cause' in verdict) this.#sink.linked(client, verdict.cause, 'asyncio', true);
      else this.#sink.ambiguous(client, verdict.ambiguous, 'asyncio', 'several_candidates');
    }
  }

  #find(client: ExchangeNode, context: ExecutionContext): Finding {
    let below: ExecutionContext | undefined;
    for (const ancestor of lineage(context)) {
      const families = this.#families.of(ancestor);
      if (families.length > 0) {
        const working = families.filter(({ open }) => open.length > 0);
        return working.length === 0 || (below && isLeftOver(below, families, client))
          ? 'no_request'
          : working;
      }
      below = ancestor;
    }
    return 'unknown';
  }
}

/** It was made for an earlier request of the connection, and goes on after that. */
function isLeftOver(context: ExecutionContext, families: readonly Family[], client: ExchangeNode): boolean {
  const { since } = context;
  if (since === undefined) return true;
  return families.every(
    ({ firstRead, open }) =>
      since >= firstRead && !open.some((node) => readAt(node) <= since && since <= client.exchange.start),
  );
}

function isPython(process: Process): boolean {
  return process.facts.runtime === 'python';
}

function verdictOf(families: readonly Family[]): Verdict {
  const nodes = families.map(({ open }) => open[0]!);
  return nodes.length === 1 ? { cause: nodes[0]! } : { ambiguous: nodes };
}
