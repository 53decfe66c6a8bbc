import type { ExecutionContext, Process } from '../../receiver/ebpf/exchange.ts';
import type { Socket } from '../../receiver/ebpf/message.ts';
import type { ExchangeNode } from '../node.ts';

/** Further up nobody looks: contexts of frameworks lie a handful deep. */
const MAX_ANCESTORS = 16;

/** A server connection, and the contexts that are there for it alone. */
export interface Family {
  readonly since: number;
  /** Its unanswered requests, in the order they were read: the first is the one at work. */
  readonly open: ExchangeNode[];
  /** When its first request was read: contexts older than that are there for all of its requests. */
  readonly firstRead: number;
  readonly members: Set<ExecutionContext>;
}

const NONE: readonly Family[] = [];

/**
 * Which contexts belong to which server connection: those in which its requests were read or its responses written, and
 * who made those, as far as they are younger than the connection. What was there before serves everybody.
 */
export class ContextFamilies {
  readonly #bySocket = new Map<Process, Map<number, Family>>();
  readonly #ofContext = new Map<ExecutionContext, readonly Family[]>();

  /** A request was read. Nothing is known of connections whose beginning was not seen. */
  read(node: ExchangeNode, context: ExecutionContext): void {
    const { process, connection } = node.exchange;
    const family = this.#family(process, connection.socket, readAt(node));
    if (!family) return;
    family.open.push(node);
    this.#add(family, context);
  }

  /** Its response was written in this context. */
  wrote(node: ExchangeNode, context: ExecutionContext): void {
    const family = this.#known(node);
    if (family) this.#add(family, context);
  }

  /** It is answered: what was made for it alone is no member any more. */
  answered(node: ExchangeNode): void {
    const family = this.#known(node);
    if (!family) return;
    const at = family.open.indexOf(node);
    if (at >= 0) family.open.splice(at, 1);
    if (family.open.length > 0) return;
    for (const member of family.members) if (member.since! >= family.firstRead) this.#remove(family, member);
  }

  closed(process: Process, socket: Socket): void {
    const families = this.#bySocket.get(process);
    const family = families?.get(socket.cookie);
    if (!family) return;
    for (const member of family.members) this.#remove(family, member);
    families!.delete(socket.cookie);
    if (families!.size === 0) this.#bySocket.delete(process);
  }

  exited(process: Process): void {
    for (const { members } of this.#bySocket.get(process)?.values() ?? [])
      for (const member of members) this.#ofContext.delete(member);
    this.#bySocket.delete(process);
  }

  of(context: ExecutionContext): readonly Family[] {
    return this.#ofContext.get(context) ?? NONE;
  }

  #known(node: ExchangeNode): Family | undefined {
    const { process, connection } = node.exchange;
    return this.#bySocket.get(process)?.get(connection.socket.cookie);
  }

  #family(process: Process, { cookie, since }: Socket, firstRead: number): Family | undefined {
    if (since === undefined) return undefined;
    let families = this.#bySocket.get(process);
    if (!families) {
      families = new Map();
      this.#bySocket.set(process, families);
    }
    let family = families.get(cookie);
    if (!family) {
      family = { since, open: [], firstRead, members: new Set() };
      families.set(cookie, family);
    }
    return family;
  }

  #add(family: Family, context: ExecutionContext): void {
    for (const member of lineage(context)) {
      if (member.since === undefined || member.since < family.since) return;
      if (family.members.has(member)) continue;
      family.members.add(member);
      this.#ofContext.set(member, [...this.of(member), family]);
    }
  }

  #remove(family: Family, member: ExecutionContext): void {
    family.members.delete(member);
    const left = this.of(member).filter((other) => other !== family);
    if (left.length > 0) this.#ofContext.set(member, left);
    else this.#ofContext.delete(member);
  }
}

/** When the program read it. */
export function readAt(node: ExchangeNode): number {
  return node.exchange.readAt ?? node.exchange.start;
}

/** The context itself and those it comes from, nearest first. */
export function* lineage(context: ExecutionContext): Generator<ExecutionContext> {
  let next: ExecutionContext | undefined = context;
  for (let i = 0; i <= MAX_ANCESTORS && next; i++, next = next.parent) yield next;
}
