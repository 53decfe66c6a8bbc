import type { Clock, Nanos, Timer } from '../collector/clock.ts';
import type { Counters } from '../collector/counters.ts';
import type { Peer } from '../otlp/batch.ts';
import { type ResourceEnvelope, scanTraces } from '../otlp/traces-scan.ts';
import type { Activity, Exchange, Process } from '../receiver/ebpf/exchange.ts';
import type { Socket } from '../receiver/ebpf/message.ts';
import { AwaitingOwner } from './awaiting-owner.ts';
import { correlateCounters } from './correlate-counters.ts';
import { Forest } from './forest.ts';
import { DescribedExchanges } from './join/described.ts';
import { ExchangeEnds } from './join/ends.ts';
import type { Evidence } from './link/rule.ts';
import { LinkRules, type Links } from './link/rules.ts';
import { ExchangeNode, type SdkNode } from './node.ts';
import type { DecidedBy, LinkOutcome, MergeObserver } from './observer.ts';
import type { CorrelateOptions } from './options.ts';
import { BatchOwners } from './owner.ts';
import { type Release, ReleaseWriter } from './release.ts';
import { ASK_AGAIN, FarEnds, isWaiting } from './rendezvous/far-ends.ts';
import type { FarParent, Rendezvous } from './rendezvous/rendezvous.ts';
import { RendezvousCounters } from './rendezvous/rendezvous-counters.ts';
import { resolveTree } from './resolve.ts';
import { Room } from './room.ts';
import type { SdkTrace } from './sdk-only/sdk-trace.ts';
import { type Delivery, SdkTraces } from './sdk-only/sdk-traces.ts';
import { sdkNode } from './sdk-spans.ts';
import type { Tree } from './tree.ts';
import { type Switched, Verify } from './verify/verify.ts';
import { VerifyCounters } from './verify/verify-counters.ts';

/** `unknown`: nothing of the trace is held or remembered; `open`: it is held and may still be renamed. */
export type TraceFate = 'unknown' | 'open' | { readonly finalTraceId: string };

/**
 * Makes one trace of exchanges and SDK spans: joins what belongs together as it comes, holds it until nothing more is to
 * be expected, decides, and emits.
 */
export class Correlator implements Links {
  readonly #clock: Clock;
  readonly #options: CorrelateOptions;
  readonly #writer: ReleaseWriter;
  readonly #forest: Forest;
  readonly #sdkTraces: SdkTraces;
  readonly #room: Room;
  readonly #rules: LinkRules;
  readonly #owners = new BatchOwners();
  readonly #awaitingOwner = new AwaitingOwner();
  readonly #described: DescribedExchanges;
  /** Of exchanges whose end has not come. */
  readonly #nodes = new Map<Exchange, ExchangeNode>();
  readonly #ends = new ExchangeEnds();
  readonly #instrumented = new WeakSet<Process>();
  readonly #counters;
  readonly #observer: MergeObserver | undefined;
  readonly #verify: Verify | undefined;
  /** Undefined where no other pipeline is met. */
  readonly #farEnds: FarEnds | undefined;
  #timer: Timer | undefined;
  #timerDue: Nanos = Number.POSITIVE_INFINITY;

  constructor(
    clock: Clock,
    counters: Counters,
    id: string,
    options: CorrelateOptions,
    release: Release,
    observer?: MergeObserver,
    switched?: (switched: Switched) => void,
    rendezvous?: Rendezvous,
  ) {
    this.#observer = observer;
    this.#clock = clock;
    this.#options = options;
    this.#counters = correlateCounters(counters, id);
    this.#writer = new ReleaseWriter(clock, release, this.#counters);
    if (options.verify)
      this.#verify = new Verify(
        options.verify,
        new VerifyCounters(counters, id),
        (event) => switched?.(event),
        observer,
      );
    this.#rules = new LinkRules(options.evidence, this, observer, this.#verify);
    this.#forest = new Forest(clock, options, (tree) => this.#forget(tree));
    this.#described = new DescribedExchanges(this.#forest, options.evidence);
    this.#sdkTraces = new SdkTraces(clock, options);
    this.#room = new Room(options, this.#forest, this.#sdkTraces);
    if (rendezvous && options.rendezvous)
      this.#farEnds = new FarEnds({
        clock,
        store: rendezvous,
        counters: new RendezvousCounters(counters, id),
        wait: options.rendezvous.wait,
        decisionWait: options.decisionWait,
        answered: (node, parent) => this.#answered(node, parent),
      });
  }

  captured(activities: readonly Activity[]): void {
    for (const activity of activities) this.#activity(activity);
    this.#afterInput();
  }

  /** @throws {MalformedOtlpError} when `body` is no `ExportTraceServiceRequest`; nothing of it is taken then. */
  received(body: Uint8Array, peer: Peer | undefined): void {
    const delivery: Delivery = { body, scan: scanTraces(body), peer, place: undefined };
    const { scan } = delivery;
    const taken: SdkNode[] = [];
    const unowned: SdkNode[] = [];
    const traceIds: string[] = [];
    let resource: ResourceEnvelope | undefined;
    let process: Process | undefined;
    for (let row = 0; row < scan.count; row++) {
      const traceId = scan.traceId(row);
      if (traceId === '' || (scan.spanIdHigh(row) | scan.spanIdLow(row)) === 0) {
        this.#counters.unidentified.value++;
        this.#observer?.spanReceived?.(
          sdkNode(scan, row, undefined, peer, this.#clock.epochUnixNano),
          'unidentified',
          this.#clock.now(),
        );
        this.#writer.untouched(scan.resource(row), scan.scope(row), scan.bytes(row));
        continue;
      }
      if (scan.resource(row) !== resource) {
        resource = scan.resource(row);
        process = this.#ownerOf(peer, resource);
      }
      // Who observes the merge sees every span as a node.
      if (process === undefined && !this.#observer && !this.#forest.knows(traceId)) {
        this.#countSpan(this.#sdkTraces.add(traceId, delivery, row));
        if (traceId !== traceIds.at(-1)) traceIds.push(traceId);
        continue;
      }
      this.#adopt(traceId);
      const span = sdkNode(scan, row, process, peer, this.#clock.epochUnixNano);
      const added = this.#forest.addSpan(span);
      this.#observer?.spanReceived?.(span, added, this.#clock.now());
      this.#countSpan(added);
      if (added === 'duplicate') continue;
      taken.push(span);
      if (process === undefined) unowned.push(span);
    }
    if (peer) this.#awaitingOwner.add(peer, traceIds, unowned, this.#clock.now());
    this.#writer.flush();
    this.#described.match(taken);
    this.#afterInput();
  }

  /** Releases everything held, as it stands. */
  shutdown(): void {
    this.#settleSdkTraces([...this.#sdkTraces.held]);
    for (const tree of this.#forest.all()) this.#lastChance(tree);
    this.#emit(this.#forest.all(), 'shutdown');
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Under which id what belongs to this trace leaves, as far as that is decided. */
  traceFate(traceId: string): TraceFate {
    if (this.#options.traceConflict === 'link') return { finalTraceId: traceId };
    const fate = this.#sdkTraces.fate(traceId);
    if (fate !== 'unknown') return fate === 'left' ? { finalTraceId: traceId } : 'open';
    if (!this.#forest.knows(traceId)) return 'unknown';
    const finalTraceId = this.#forest.finalTraceId(traceId);
    return finalTraceId === undefined ? 'open' : { finalTraceId };
  }

  link(client: ExchangeNode, cause: ExchangeNode, evidence: Evidence): void {
    const outcome = this.#tryLink(client, cause, evidence);
    this.#observer?.linking?.(client, cause, evidence, outcome);
  }

  ambiguous(client: ExchangeNode, among: readonly ExchangeNode[] | undefined): void {
    client.ambiguous = true;
    if (among) client.among = among;
  }

  #activity(activity: Activity): void {
    this.#owners.observe(activity);
    if (activity.type === 'connection' && activity.state === 'open') this.#matchAwaiting(activity.socket);
    const exchange = 'exchange' in activity ? activity.exchange : undefined;
    let node = exchange && this.#nodes.get(exchange);
    if (activity.type === 'request') {
      if (node) return;
      node = this.#begin(activity.exchange);
      if (!node) return;
      // Exact evidence is asked before rules that link of their own accord see the call.
      if (node.exchange.side === 'client') this.#rules.called(node);
    }
    this.#observer?.activity?.(activity, node);
    this.#rules.observe(activity, node);
    if (node === undefined) return;
    if (activity.type === 'end') {
      this.#forest.ended(node);
      this.#nodes.delete(node.exchange);
    } else if (activity.type === 'discard') this.#discard(node);
  }

  /** Undefined for an end of an exchange that is known already. */
  #begin(exchange: Exchange): ExchangeNode | undefined {
    const node = new ExchangeNode(exchange);
    if (!this.#ends.add(node)) {
      this.#counters.duplicateExchanges.value++;
      return undefined;
    }
    this.#nodes.set(exchange, node);
    this.#forest.add(node);
    this.#farEnds?.began(node);
    if (node.peer) this.#forest.join(node.peer.tree, node.tree);
    const named = this.#options.evidence.has('wire_context') ? node.context : 'unknown';
    this.#described.add(node, typeof named !== 'string');
    if (typeof named !== 'string') {
      this.#adopt(named.traceId);
      this.#forest.joinTrace(node.tree, named.traceId);
    }
    return node;
  }

  /** A trace that only SDKs told of so far becomes a tree, which others can join. */
  #adopt(traceId: string): readonly SdkNode[] {
    const trace = this.#sdkTraces.take(traceId);
    if (trace === undefined) return [];
    const spans = trace.nodes(this.#clock.epochUnixNano);
    trace.forget();
    this.#forest.adopt(spans, trace.settledAt, trace.heldSince);
    return spans;
  }

  /** It is known now who made the spans that came over this connection. */
  #matchAwaiting(socket: Socket): void {
    const waiting = this.#awaitingOwner.take(socket);
    if (waiting === undefined) return;
    const spans = [...waiting.nodes];
    for (const traceId of waiting.traceIds) for (const span of this.#adopt(traceId)) spans.push(span);
    this.#described.match(spans.filter((span) => this.#findOwner(span)));
  }

  #countSpan(added: 'held' | 'late' | 'duplicate'): void {
    if (added === 'duplicate') this.#counters.duplicates.value++;
    else if (added === 'late') this.#counters.late.value++;
  }

  #tryLink(client: ExchangeNode, cause: ExchangeNode, evidence: Evidence): LinkOutcome {
    if (client.frozen) return 'too_late';
    if (cause.discarded) return 'cause_discarded';
    if (inDifferentTraces(client, cause)) return 'different_traces';
    client.ambiguous = false;
    if (!this.#forest.join(cause.tree, client.tree)) {
      client.linkedTo = cause;
      return 'both_left';
    }
    client.cause = cause;
    client.evidence = evidence;
    this.#counters.links(evidence).value++;
    return 'linked';
  }

  /** Its id may have been promised as a parent; then it is shown for what it was taken for. */
  #discard(node: ExchangeNode): void {
    if (node.frozen) {
      this.#forest.ended(node);
      this.#nodes.delete(node.exchange);
      return;
    }
    node.discarded = true;
    if (node.peer) node.peer.peer = undefined;
    if (node.sdk) node.sdk.describes = undefined;
    this.#described.remove(node);
    this.#forgetNode(node);
    this.#forest.remove(node);
  }

  #afterInput(): void {
    const { trees, traces } = this.#room.takeOverLimit();
    if (trees.length + traces.length > 0) {
      this.#counters.pushedOut.value += trees.length + traces.length;
      for (const trace of traces) this.#release(trace);
      this.#emit(trees, 'pushed_out');
      this.#room.forgetOverLimit();
    }
    this.#schedule();
  }

  #schedule(): void {
    const never = Number.POSITIVE_INFINITY;
    const due = Math.min(this.#forest.nextDue() ?? never, this.#sdkTraces.nextDue() ?? never);
    if (due >= this.#timerDue) return;
    this.#timer?.cancel();
    this.#timerDue = due;
    this.#timer = this.#clock.setTimer(due, () => {
      this.#timerDue = Number.POSITIVE_INFINITY;
      this.#timer = undefined;
      this.#settleAndEmit();
      this.#schedule();
    });
  }

  /** What is due is given a last chance to be joined, then leaves unless that made it wait for others. */
  #settleAndEmit(): void {
    const now = this.#clock.now();
    this.#settleSdkTraces(this.#sdkTraces.takeDue(now));
    const due = this.#forest.takeDue(now);
    for (const tree of due) this.#lastChance(tree);
    if (this.#farEnds) for (const tree of due) this.#askFor(tree, this.#farEnds);
    this.#emit(
      due.filter((tree) => this.#forest.confirmDue(tree)),
      'due',
    );
  }

  /** They leave, unless it is known by now who made some of their spans: those may describe exchanges. */
  #settleSdkTraces(traces: readonly SdkTrace[]): void {
    for (const trace of traces)
      if (this.#hasOwner(trace)) this.#adopt(trace.id);
      else this.#release(trace);
  }

  /** Members wait for what other pipelines decide; the others leave, and with them what those may wait for. */
  #askFor(tree: Tree, farEnds: FarEnds): void {
    const now = this.#clock.now();
    const isOld = tree.heldSince + this.#options.maxAge <= now;
    const waits = farEnds.waits(tree, isOld ? 0 : undefined);
    if (waits && tree.allWaiting === tree.undecided) this.#forest.postpone(tree, now + ASK_AGAIN);
    else tree.postponedTo = undefined;
  }

  #answered(node: ExchangeNode, parent: FarParent | undefined): void {
    const { tree } = node;
    tree.allWaiting = 0;
    if (tree.postponedTo !== undefined) this.#forest.postpone(tree, this.#clock.now());
    if (parent) {
      this.#adopt(parent.traceId);
      this.#forest.joinTrace(node.tree, parent.traceId);
    }
    this.#schedule();
  }

  #hasOwner(trace: SdkTrace): boolean {
    let found = false;
    if (!this.#owners.any) return found;
    trace.each((record, records) => {
      found ||= this.#owners.of(records.peer(record), records.resource(record)) !== undefined;
    });
    return found;
  }

  #release(trace: SdkTrace): void {
    this.#sdkTraces.release(trace, (resource, scope, span) => this.#writer.untouched(resource, scope, span));
  }

  #lastChance(tree: Tree): void {
    const spans: SdkNode[] = [];
    for (const node of [...tree.nodes]) {
      if (node.frozen) continue;
      if (node.type === 'exchange') {
        if (node.exchange.side === 'client' && !node.cause) this.#rules.settle(node);
        continue;
      }
      this.#findOwner(node);
      spans.push(node);
    }
    this.#described.matchLeaving(spans);
  }

  #findOwner(span: SdkNode): boolean {
    span.process ??= this.#ownerOf(span.deliveredBy, span.resource);
    return span.process !== undefined;
  }

  #ownerOf(peer: Peer | undefined, resource: ResourceEnvelope): Process | undefined {
    const process = this.#owners.of(peer, resource);
    if (process) this.#instrumented.add(process);
    return process;
  }

  /** Of a tree whose time has come what is finished leaves, otherwise all of it as it stands. */
  #emit(trees: readonly Tree[], by: DecidedBy): void {
    for (const tree of trees) {
      const { decided, sampledOut } = resolveTree(tree, {
        wireContext: this.#options.evidence.has('wire_context'),
        overlap: this.#options.overlap,
        traceConflict: this.#options.traceConflict,
        unmatched: this.#options.unmatched,
        instrumented: (process) => this.#instrumented.has(process),
        clockStep: (span) => this.#described.clockStep(span),
        waits: by === 'due' && this.#farEnds ? isWaiting : undefined,
      });
      if (decided.length > 0) this.#observer?.decided?.(decided, by, this.#clock.now());
      for (const node of decided)
        if (node.type === 'exchange' && node.exchange.side === 'client')
          this.#farEnds?.decided(node, sampledOut);
      for (const node of tree.nodes) {
        if (node.emitted || !node.frozen) continue;
        if (node.open) {
          if (by === 'due') continue;
          this.#forest.ended(node);
        }
        node.emitted = true;
        if (this.#verify && node.type === 'exchange' && node.exchange.side === 'client')
          this.#verify.judge(node);
        this.#writer.write(node);
        this.#observer?.released?.(node, this.#clock.now());
      }
      if (tree.released) this.#forest.released(tree);
      if (tree.undecided > 0) this.#stillWaits(tree);
    }
    this.#writer.flush();
  }

  #stillWaits(tree: Tree): void {
    tree.allWaiting = tree.undecided;
    this.#forest.postpone(tree, this.#clock.now() + ASK_AGAIN);
  }

  /** A released tree has left the late window. */
  #forget(tree: Tree): void {
    for (const node of tree.nodes)
      if (node.type === 'exchange') {
        this.#described.forget(node);
        if (this.#nodes.has(node.exchange)) this.#unfollow(node);
        this.#forgetNode(node);
      }
  }

  /** It had to leave while it was open. Rules let go of it too, and know that its thread may be at work on it. */
  #unfollow(node: ExchangeNode): void {
    const { exchange } = node;
    const { connection, context, side, thread } = exchange;
    const at = this.#clock.now();
    this.#rules.observe({ type: 'discard', exchange, at }, node);
    const { socket } = connection;
    this.#rules.observe(
      { type: 'unfollowed', direction: 'receive', side, socket, thread, context, at },
      undefined,
    );
  }

  #forgetNode(node: ExchangeNode): void {
    node.forgetNotes();
    this.#nodes.delete(node.exchange);
    this.#ends.remove(node);
  }
}

/** The wire puts the call and its supposed cause in different traces, and it knows better. */
function inDifferentTraces(client: ExchangeNode, cause: ExchangeNode): boolean {
  const a = client.context;
  const b = cause.context;
  return typeof a !== 'string' && typeof b !== 'string' && a.traceId !== b.traceId;
}
