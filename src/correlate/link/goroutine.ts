import type { Activity, ExecutionContext, Process } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';
import { type AtWork, ContextRequests } from './context-requests.ts';
import { type PendingCall, PendingCalls } from './pending-calls.ts';
import type { LinkRule, LinkSink, Verdict } from './rule.ts';
import type { Silence } from './silence.ts';
import { StartedContexts } from './started-contexts.ts';

/**
 * Go: the call was written by, or for, the goroutine that read a request and has not written its response yet, or by one
 * that was started for it.
 *
 * The former is certain at once. A goroutine that was started while a request was at work may also be a worker that
 * serves others from then on: it is believed once it has ended and made no call after the request's end, or if what
 * the same function did before was always like that. Whatever was started before, or by something else, belongs to
 * no request.
 */
export class GoroutineRule implements LinkRule {
  readonly evidence = 'goroutine';
  readonly #requests = new ContextRequests();
  readonly #started = new StartedContexts();
  readonly #pending = new PendingCalls();
  readonly #sink: LinkSink;

  constructor(sink: LinkSink) {
    this.#sink = sink;
  }

  observe(activity: Activity, node: ExchangeNode | undefined): void {
    switch (activity.type) {
      case 'request':
        if (node?.exchange.side === 'server' && isGo(node.exchange.process) && activity.context)
          this.#requests.begin(node, activity.context);
        return;
      case 'end':
      case 'discard':
        if (node?.exchange.side === 'server') this.#requests.end(node);
        else if (node && activity.type === 'discard') this.#pending.take(node);
        return;
      case 'context':
        if (isGo(activity.context.process)) this.#context(activity.state, activity.context);
        return;
      case 'process_exit':
        this.#requests.forget(activity.process);
        this.#pending.forget(activity.process);
    }
  }

  cause(client: ExchangeNode): Verdict {
    const { context } = client.exchange;
    if (context === undefined) return undefined;
    const read = this.#requests.atWork(context);
    if (read) return verdictOf(read);
    const startedFor = this.#started.requestsOf(context);
    if (startedFor === undefined) return undefined;
    if (startedFor.length > 1) return verdictOf(startedFor);
    const cause = startedFor[0]!.node;
    if (cause) this.#place({ client, context, cause });
    else this.#started.late(context);
    return undefined;
  }

  silence(client: ExchangeNode): Silence {
    const { context, process } = client.exchange;
    if (!isGo(process)) return 'not_this_runtime';
    if (context === undefined) return 'no_goroutine';
    return this.#pending.has(client) ? 'goroutine_runs' : 'idle_goroutine';
  }

  settle(client: ExchangeNode): void {
    const call = this.#pending.take(client);
    if (call && this.#started.believed(call.context))
      this.#sink.linked(client, call.cause, 'goroutine', true);
  }

  #context(state: 'begun' | 'ended', context: ExecutionContext): void {
    if (state === 'begun') {
      this.#started.begin(context, context.parent && this.#requests.atWork(context.parent));
      return;
    }
    this.#started.end(context);
    for (const call of this.#pending.takeAt(context)) this.#place(call);
  }

  #place(call: PendingCall): void {
    const standing = this.#started.standing(call.context);
    if (standing === 'worker') return;
    if (standing === 'helper') this.#sink.linked(call.client, call.cause, 'goroutine', true);
    else this.#pending.add(call, standing);
  }
}

function isGo(process: Process): boolean {
  return process.facts.runtime === 'go';
}

function verdictOf(requests: AtWork): Verdict {
  const nodes = requests.flatMap(({ node }) => (node ? [node] : []));
  if (nodes.length === 0) return undefined;
  return requests.length === 1 ? { cause: nodes[0]! } : { ambiguous: nodes };
}
