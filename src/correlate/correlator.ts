import type { Clock, Nanos, Timer } from '../collector/clock.ts';
import type { Counters } from '../collector/counters.ts';
import type { Peer } from '../otlp/batch.ts';
import { TracesBuilder } from '../otlp/traces-builder.ts';
import { scanTraces, type TracesScan } from '../otlp/traces-scan.ts';
import type { Activity, Exchange, Process } from '../receiver/ebpf/exchange.ts';
import { Emitter } from './emit.ts';
import { Forest } from './forest.ts';
import { readSdkContent } from './join/sdk-content.ts';
import { UnmatchedExchanges } from './join/unmatched.ts';
import { isIncoming, isOutgoing } from './kind.ts';
import type { Evidence, LinkSink } from './link/rule.ts';
import { LinkRules } from './link/rules.ts';
import { ExchangeNode, SdkNode } from './node.ts';
import type { CorrelateOptions } from './options.ts';
import { BatchOwners } from './owner.ts';
import { resolveTree } from './resolve.ts';
import type { Tree } from './tree.ts';

/** Takes what a release yields: an `ExportTraceServiceRequest` and the number of spans in it. */
export type Release = (body: Uint8Array, spans: number) => void;

/**
 * Makes one trace of exchanges and SDK spans: joins what belongs together as it comes, holds it until nothing more is to
 * be expected, decides, and emits.
 */
export class Correlator implements LinkSink {
  readonly #clock: Clock;
  readonly #options: CorrelateOptions;
  readonly #release: Release;
  readonly #emitter: Emitter;
  readonly #forest: Forest;
  readonly #rules: LinkRules;
  readonly #owners = new BatchOwners();
  readonly #unmatched = new UnmatchedExchanges();
  readonly #nodes = new Map<Exchange, ExchangeNode>();
  /** Exchanges whose other end has not been seen, by connection and position. */
  readonly #unpaired = new Map<string, ExchangeNode>();
  readonly #instrumented = new WeakSet<Process>();
  readonly #counters;
  /** The call whose first activity the rules are looking at, and what one of them already says of it. */
  #beginning: ExchangeNode | undefined;
  #early: (() => void) | undefined;
  #timer: Timer | undefined;
  #timerDue: Nanos = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, counters: Counters, id: string, options: CorrelateOptions, release: Release) {
    this.#clock = clock;
    this.#options = options;
    this.#release = release;
    this.#emitter = new Emitter(clock.epochUnixNano);
    this.#rules = new LinkRules(options.evidence, this);
    const labels = { processor: id };
    const counter = (name: string, more: Record<string, string> = {}) =>
      counters.counter(name, { ...labels, ...more });
    this.#counters = {
      links: (evidence: string) => counter('spanloom_correlate_links', { evidence }),
      ambiguous: counter('spanloom_correlate_ambiguous'),
      duplicates: counter('spanloom_correlate_duplicate_spans'),
      late: counter('spanloom_correlate_late_spans'),
      pushedOut: counter('spanloom_correlate_pushed_out_trees'),
      notSampled: counter('spanloom_correlate_not_emitted', { reason: 'sampled_out_or_unmatched' }),
      merged: counter('spanloom_correlate_merged_exchanges'),
    };
    this.#forest = new Forest(clock, options, (tree) => this.#forget(tree));
  }

  /** Bytes of SDK spans held. */
  get heldBytes(): number {
    return this.#forest.bytes;
  }

  captured(activities: readonly Activity[]): void {
    for (const activity of activities) this.#activity(activity);
    this.#afterInput();
  }

  /** @throws {MalformedOtlpError} when `body` is no `ExportTraceServiceRequest`; nothing of it is taken then. */
  received(body: Uint8Array, peer: Peer | undefined): void {
    const scan = scanTraces(body);
    for (let i = 0; i < scan.count; i++) this.#sdkSpan(scan, i, peer);
    this.#afterInput();
  }

  /** Releases everything held, as it stands. */
  shutdown(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#emit(this.#forest.takeAll());
  }

  linked(client: ExchangeNode, cause: ExchangeNode, evidence: Evidence): void {
    if (client === this.#beginning) {
      this.#early = () => this.linked(client, cause, evidence);
      return;
    }
    if (client.cause) {
      this.#rules.checked(cause.exchange.process, evidence, client.cause === cause);
      return;
    }
    if (client.among === undefined || client.among.includes(cause)) this.#link(client, cause, evidence);
  }

  ambiguous(client: ExchangeNode): void {
    if (!client.cause) client.ambiguous = true;
  }

  #activity(activity: Activity): void {
    this.#owners.observe(activity);
    const exchange = 'exchange' in activity ? activity.exchange : undefined;
    let node = exchange && this.#nodes.get(exchange);
    if (activity.type === 'request') node = this.#begin(activity.exchange);
    if (activity.type === 'request' && node?.exchange.side === 'client') {
      this.#beginCall(activity, node);
      return;
    }
    this.#rules.observe(activity, node);
    if (node === undefined) return;
    switch (activity.type) {
      case 'end':
        this.#forest.ended(node);
        return;
      case 'discard':
        this.#discard(node);
    }
  }

  #begin(exchange: Exchange): ExchangeNode {
    const node = new ExchangeNode(exchange);
    this.#nodes.set(exchange, node);
    this.#forest.add(node);
    const key = endsKey(exchange);
    const peer = this.#unpaired.get(key);
    if (peer && peer.exchange.side !== exchange.side) {
      this.#unpaired.delete(key);
      if (this.#forest.join(peer.tree, node.tree)) {
        node.peer = peer;
        peer.peer = node;
      }
    } else this.#unpaired.set(key, node);
    if (typeof node.context === 'string') this.#unmatched.add(node);
    else this.#forest.joinTrace(node.tree, node.context.traceId);
    return node;
  }

  /** A rule may know the cause of a call as soon as it sees it; stronger evidence is asked first. */
  #beginCall(activity: Activity, client: ExchangeNode): void {
    this.#beginning = client;
    this.#rules.observe(activity, client);
    this.#beginning = undefined;
    this.#findCause(client);
    this.#early?.();
    this.#early = undefined;
  }

  #findCause(client: ExchangeNode): void {
    const verdict = this.#rules.cause(client);
    if (verdict === undefined) return;
    if ('cause' in verdict) this.#link(client, verdict.cause, verdict.evidence);
    else {
      client.ambiguous = true;
      client.among = verdict.ambiguous;
    }
  }

  #link(client: ExchangeNode, cause: ExchangeNode, evidence: Evidence): void {
    if (client.frozen || inDifferentTraces(client, cause)) return;
    client.ambiguous = false;
    if (!this.#forest.join(cause.tree, client.tree)) {
      client.linkedTo = cause;
      return;
    }
    client.cause = cause;
    client.evidence = evidence;
    this.#counters.links(evidence).value++;
  }

  #discard(node: ExchangeNode): void {
    this.#forgetNode(node);
    this.#forest.remove(node);
  }

  #sdkSpan(scan: TracesScan, i: number, peer: Peer | undefined): void {
    const resource = scan.resource(i);
    const process = this.#owners.of(peer, resource);
    if (process) this.#instrumented.add(process);
    const kind = scan.kind(i);
    const node = new SdkNode(
      scan.traceId(i),
      scan.spanId(i),
      scan.parentSpanId(i),
      kind,
      scan.startTime(i, this.#clock.epochUnixNano),
      scan.endTime(i, this.#clock.epochUnixNano),
      process,
      peer,
      resource,
      scan.scope(i),
      readSdkContent((key) => scan.attribute(i, key)),
      scan.bytes(i).slice(),
    );
    const added = this.#forest.addSpan(node);
    if (added === 'duplicate') {
      this.#counters.duplicates.value++;
      return;
    }
    if (added === 'late') this.#counters.late.value++;
    this.#match(node);
  }

  /** An SDK span that no header ties to an exchange looks for the one it describes. */
  #match(span: SdkNode): void {
    if (span.describes) return;
    const exchange = isIncoming(span.kind)
      ? this.#unmatched.server(span)
      : isOutgoing(span.kind)
        ? this.#unmatched.client(span)
        : undefined;
    if (!exchange || !this.#forest.join(exchange.tree, span.tree)) return;
    this.#unmatched.remove(exchange);
    exchange.sdk = span;
    span.describes = exchange;
  }

  #afterInput(): void {
    const pushedOut = this.#forest.takeOverLimit();
    if (pushedOut.length > 0) {
      this.#counters.pushedOut.value += pushedOut.length;
      this.#emit(pushedOut);
    }
    this.#schedule();
  }

  #schedule(): void {
    const due = this.#forest.nextDue();
    if (due === undefined || due >= this.#timerDue) return;
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
    const due = this.#forest.takeDue(this.#clock.now());
    for (const tree of due) this.#lastChance(tree);
    this.#emit(due.filter((tree) => this.#forest.confirmDue(tree)));
  }

  #lastChance(tree: Tree): void {
    for (const node of [...tree.nodes]) {
      if (node.frozen) continue;
      if (node.type === 'exchange') {
        if (node.exchange.side === 'client' && !node.cause) this.#rules.settle(node);
        continue;
      }
      if (node.process === undefined) node.process = this.#owners.of(node.deliveredBy, node.resource);
      this.#match(node);
    }
  }

  #emit(trees: readonly Tree[]): void {
    if (trees.length === 0) return;
    const builder = new TracesBuilder();
    for (const tree of trees) {
      resolveTree(tree, {
        unmatched: this.#options.unmatched,
        instrumented: (process) => this.#instrumented.has(process),
      });
      for (const node of tree.nodes) {
        if (node.emitted || node.open) continue;
        node.emitted = true;
        if (node.type === 'sdk') this.#emitter.span(node, builder);
        else this.#emitExchange(node, builder);
      }
      this.#forest.released(tree);
    }
    if (builder.count > 0) this.#release(builder.encode(), builder.count);
  }

  #emitExchange(node: ExchangeNode, builder: TracesBuilder): void {
    if (node.frozen!.silent) {
      if (node.sdk) this.#counters.merged.value++;
      else this.#counters.notSampled.value++;
      return;
    }
    if (node.ambiguous) this.#counters.ambiguous.value++;
    this.#emitter.exchange(node, builder);
  }

  /** A released tree has left the late window. */
  #forget(tree: Tree): void {
    for (const node of tree.nodes) if (node.type === 'exchange') this.#forgetNode(node);
  }

  #forgetNode(node: ExchangeNode): void {
    this.#nodes.delete(node.exchange);
    this.#unmatched.remove(node);
    const key = endsKey(node.exchange);
    if (this.#unpaired.get(key) === node) this.#unpaired.delete(key);
  }
}

/** The wire puts the call and its supposed cause in different traces, and it knows better. */
function inDifferentTraces(client: ExchangeNode, cause: ExchangeNode): boolean {
  const a = client.context;
  const b = cause.context;
  return typeof a !== 'string' && typeof b !== 'string' && a.traceId !== b.traceId;
}

/** Equal for the two ends of a connection at the same position. */
function endsKey(exchange: Exchange): string {
  const { isnLow, isnHigh } = exchange.connection;
  return `${isnLow}:${isnHigh}:${exchange.position}`;
}
