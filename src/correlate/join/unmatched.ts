import { type Nanos, SECOND } from '../../collector/clock.ts';
import type { Process } from '../../receiver/ebpf/exchange.ts';
import type { ExchangeNode, SdkNode } from '../node.ts';
import { describesClient } from './client-span.ts';
import { bestServer, CLOCK_STEP, describesServer } from './server-span.ts';
import { TimeShelf } from './time-shelf.ts';

/** How long after its request came in a handler may begin: a request waits in a queue before it is read. */
const MAX_QUEUE_TIME: Nanos = 30 * SECOND;

/** The port of all Unix sockets. */
const UNIX = 0;

/** The exchanges of one process: servers by their client's port, clients by protocol. */
type Shelves = Map<number | string, TimeShelf>;

/**
 * Exchanges that no header ties to an SDK span, by process: where an SDK span without a known caller looks for the
 * exchange it describes.
 */
export class UnmatchedExchanges {
  readonly #servers = new Map<Process, Shelves>();
  readonly #clients = new Map<Process, Shelves>();
  /** The latest start of an exchange that was forgotten before a span described it, matched by header or not. */
  readonly #forgotten = new WeakMap<Process, Nanos>();

  add(node: ExchangeNode): void {
    const { process } = node.exchange;
    const side = this.#side(node);
    let shelves = side.get(process);
    if (!shelves) {
      shelves = new Map();
      side.set(process, shelves);
    }
    const key = shelfKey(node);
    let shelf = shelves.get(key);
    if (!shelf) {
      shelf = new TimeShelf();
      shelves.set(key, shelf);
    }
    shelf.add(node);
  }

  /** False if it was not there. */
  remove(node: ExchangeNode): boolean {
    const { process } = node.exchange;
    const side = this.#side(node);
    const shelves = side.get(process);
    const key = shelfKey(node);
    const shelf = shelves?.get(key);
    if (!shelf?.remove(node)) return false;
    if (shelf.empty) shelves!.delete(key);
    if (shelves!.size === 0) side.delete(process);
    return true;
  }

  /** Removes it: should its span come yet, that must not be taken for the description of a neighbour. */
  forget(node: ExchangeNode): void {
    this.remove(node);
    if (node.sdk) return;
    const { process } = node.exchange;
    this.#forgotten.set(process, Math.max(node.start, this.#forgotten.get(process) ?? node.start));
  }

  /** The server exchange an SDK's SERVER span describes. */
  server(span: SdkNode): ExchangeNode | undefined {
    const shelves = span.process && this.#servers.get(span.process);
    if (!shelves) return undefined;
    const { peerPort } = span.content;
    if (peerPort === undefined) return this.#onlyServer(span, shelves.values());
    const fitting = [...this.#fittingServers(span, shelves.get(peerPort))];
    if (fitting.length > 0) return bestServer(span, fitting);
    // Behind a Unix socket a port is somebody else's: that of a header a proxy has set.
    const unix = shelves.get(UNIX);
    return unix && this.#onlyServer(span, [unix]);
  }

  /** Without a port to tell requests apart by, one that fits alone. */
  #onlyServer(span: SdkNode, shelves: Iterable<TimeShelf>): ExchangeNode | undefined {
    if (this.clockStep(span) === 0) return undefined;
    let only: ExchangeNode | undefined;
    for (const shelf of shelves)
      for (const node of this.#fittingServers(span, shelf)) {
        if (only) return undefined;
        only = node;
      }
    return only;
  }

  *#fittingServers(span: SdkNode, shelf: TimeShelf | undefined): Iterable<ExchangeNode> {
    if (!shelf) return;
    const step = this.clockStep(span);
    for (const node of shelf.between(span.start - MAX_QUEUE_TIME, span.start + step))
      if (mayBeRoot(span, node) && describesServer(span, node, step)) yield node;
  }

  /** The client exchanges an SDK's CLIENT span may describe. */
  clients(span: SdkNode): ExchangeNode[] {
    const { system } = span.content;
    if (span.process === undefined || system === undefined || this.clockStep(span) === 0) return [];
    const shelf = this.#clients.get(span.process)?.get(system);
    if (!shelf) return [];
    const fitting: ExchangeNode[] = [];
    for (const node of shelf.between(span.start - CLOCK_STEP, span.end + CLOCK_STEP))
      if (describesClient(span, node)) fitting.push(node);
    return fitting;
  }

  /** By how much clocks may differ where a span is matched by time: not at all once what it describes may be forgotten. */
  clockStep({ process, start }: SdkNode): Nanos {
    const forgotten = process && this.#forgotten.get(process);
    return forgotten !== undefined && start - CLOCK_STEP <= forgotten ? 0 : CLOCK_STEP;
  }

  #side(node: ExchangeNode): Map<Process, Shelves> {
    return node.exchange.side === 'server' ? this.#servers : this.#clients;
  }
}

/** A caller that the SDK knows of came with a header, which this request does not have as far as it was seen. */
function mayBeRoot(span: SdkNode, node: ExchangeNode): boolean {
  return !node.sdk && (span.parentSpanId === '' || node.context === 'unknown');
}

function shelfKey(node: ExchangeNode): number | string {
  const { exchange } = node;
  return exchange.side === 'server' ? exchange.connection.socket.remotePort : exchange.protocol.name;
}
