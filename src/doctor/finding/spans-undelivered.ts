import { type Nanos, SECOND } from '../../collector/clock.ts';
import type { ExchangeNode, SdkNode } from '../../correlate/node.ts';
import type { Activity, Process } from '../../receiver/ebpf/exchange.ts';
import type { Decided } from '../decided.ts';
import type { Finding } from '../report.ts';
import { Tally } from '../tally.ts';
import { count, type FindingKind, type Surroundings } from './kind.ts';

/** Contexts remembered for spans that come late after all. */
const MAX_REMEMBERED = 10_000;
/** After a request that was under way when the capture began, a process may pass on contexts whose coming was not seen. */
const BLIND_FOR: Nanos = 60 * SECOND;

/** A service names spans of its own in the calls it makes, and nobody delivers them. */
export class SpansUndelivered implements FindingKind {
  readonly #about: Surroundings;
  readonly #services = new Tally(() => ({ named: 0, undelivered: 0 }));
  /** By trace and span id: the call that named it. */
  readonly #undelivered = new Map<string, ExchangeNode>();
  /** What the service was called then. */
  readonly #named = new WeakMap<ExchangeNode, string>();
  /** Until when a process may have got contexts on connections that are not read. */
  readonly #blindUntil = new WeakMap<Process, Nanos>();

  constructor(about: Surroundings) {
    this.#about = about;
  }

  activity(activity: Activity): void {
    if (activity.type === 'unfollowed' && activity.side === 'server') {
      const { process } = activity.thread;
      if (this.#blindUntil.get(process) !== Number.POSITIVE_INFINITY)
        this.#blindUntil.set(process, activity.at + BLIND_FOR);
    } else if (activity.type === 'unread' && activity.socket.accepted !== false)
      this.#blindUntil.set(activity.process, Number.POSITIVE_INFINITY);
  }

  spanReceived({ traceId, spanId }: SdkNode): void {
    const call = this.#undelivered.get(traceId + spanId);
    if (call === undefined) return;
    this.#undelivered.delete(traceId + spanId);
    const { counts, examples } = this.#services.row(this.#named.get(call)!);
    counts.undelivered--;
    examples.remove(call);
  }

  decided(decided: Decided): void {
    if (!decided.complete) return;
    for (const node of decided.exchanges)
      if (node.exchange.side === 'client' && node.contextKey !== undefined) this.#call(node, decided);
  }

  findings(): Finding[] {
    return this.#services.rows().flatMap(({ names, counts, examples }) => {
      const [service] = names as [string];
      const { named, undelivered } = counts;
      if (undelivered <= 0) return [];
      return [
        {
          code: 'spans_undelivered',
          severity: 'problem',
          service,
          peer: null,
          peer_role: null,
          seen: `${service} named spans of its own in ${count(named, 'sampled call')}; ${undelivered === named ? 'none of these spans has' : `${undelivered} of these spans have not`} arrived, so that the traces have holes there.`,
          action:
            undelivered === named
              ? `Point the exporter of ${service} here (OTEL_EXPORTER_OTLP_ENDPOINT; OTEL_TRACES_EXPORTER must not be "none"), or set a propagator only where there is an exporter.`
              : `Look in the log of ${service} for spans its exporter dropped (queue full, time-out), and let it flush before it ends.`,
          counts: { named, undelivered },
          examples: examples.list,
        },
      ];
    });
  }

  #call(node: ExchangeNode, decided: Decided): void {
    const { context, contextKey, exchange, tree } = node;
    if (typeof context === 'string' || !context.sampled) return;
    if ((this.#blindUntil.get(exchange.process) ?? Number.NEGATIVE_INFINITY) > exchange.start) return;
    const passedOn = decided.incomingOfTrace(node).some((incoming) => incoming.contextKey === contextKey);
    if (passedOn) return;
    const service = this.#about.names.of(exchange.process);
    const { counts, examples } = this.#services.row(service);
    counts.named++;
    if (tree.spans.has(contextKey!)) return;
    if (this.#undelivered.has(contextKey!) || this.#undelivered.size >= MAX_REMEMBERED) return;
    this.#undelivered.set(contextKey!, node);
    this.#named.set(node, service);
    counts.undelivered++;
    examples.add(node);
  }
}
