import type { Connection, ExecutionContext, Process } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode } from '../node.ts';

/** A request as those see it that were started for it: they may live on when it is over. */
export interface Request {
  /** Undefined from the end of the request on. */
  readonly node: ExchangeNode | undefined;
}

/** What a context works on: one request, or several of which nobody knows which. */
export type AtWork = readonly Request[];

interface Open extends Request {
  node: ExchangeNode | undefined;
  readonly context: ExecutionContext;
  /** This one alone; kept, because everything started for it refers to it. */
  readonly alone: AtWork;
}

/** The unanswered requests that each execution context has read, by connection, in the order they were read. */
export class ContextRequests {
  readonly #read = new Map<ExecutionContext, Map<Connection, Open[]>>();
  readonly #open = new Map<ExchangeNode, Open>();

  begin(node: ExchangeNode, context: ExecutionContext): void {
    const alone: Request[] = [];
    const request: Open = { node, context, alone };
    alone.push(request);
    this.#open.set(node, request);
    let connections = this.#read.get(context);
    if (!connections) {
      connections = new Map();
      this.#read.set(context, connections);
    }
    const { connection } = node.exchange;
    const requests = connections.get(connection);
    if (requests) requests.push(request);
    else connections.set(connection, [request]);
  }

  end(node: ExchangeNode): void {
    const request = this.#open.get(node);
    if (!request) return;
    this.#open.delete(node);
    request.node = undefined;
    const connections = this.#read.get(request.context);
    const { connection } = node.exchange;
    const left = connections?.get(connection)?.filter((other) => other !== request) ?? [];
    if (left.length > 0) connections?.set(connection, left);
    else connections?.delete(connection);
    if (connections?.size === 0) this.#read.delete(request.context);
  }

  /** Undefined where the context has read nothing that is still unanswered. */
  atWork(context: ExecutionContext): AtWork | undefined {
    const connections = this.#read.get(context);
    if (!connections) return undefined;
    // Requests that came in together on one connection are answered in order: the first is the one at work.
    const firsts = [...connections.values()].map(([first]) => first!);
    return firsts.length === 1 ? firsts[0]!.alone : firsts;
  }

  forget(process: Process): void {
    for (const node of [...this.#open.keys()]) if (node.exchange.process === process) this.end(node);
  }
}
