import type { Clock, Nanos } from '../collector/clock.ts';
import type { Evidence, Verdict } from '../correlate/link/rule.ts';
import type { Silence } from '../correlate/link/silence.ts';
import type { ExchangeNode, SdkNode, TreeNode } from '../correlate/node.ts';
import type { DecidedBy, MergeObserver, SpanFate } from '../correlate/observer.ts';
import type { Watched } from '../observe/observe-merge.ts';
import { ServiceNames } from '../observe/service-names.ts';
import type { Activity, Process } from '../receiver/ebpf/exchange.ts';
import { Decided } from './decided.ts';
import { Edges } from './edges.ts';
import type { FindingKind } from './finding/kind.ts';
import { findingKinds } from './finding/kinds.ts';
import { type Finding, REPORT_VERSION, type Report, type Severity } from './report.ts';
import { Services } from './services.ts';
import { Serving } from './serving.ts';
import { Strays } from './strays.ts';

/**
 * Watches a merge, live or in a replay, and says at the end what only somebody can say who sees both the wire and the SDKs.
 * It keeps counts, not traffic.
 */
export class Doctor implements MergeObserver {
  readonly #clock: Clock;
  readonly #since: Nanos;
  readonly #instrumented = new WeakSet<Process>();
  readonly #names = new ServiceNames();
  readonly #serving = new Serving();
  readonly #strays = new Strays();
  readonly #edges = new Edges(this.#names);
  readonly #services = new Services(this.#names);
  readonly #kinds: readonly FindingKind[];

  constructor({ clock, counters, options }: Watched) {
    this.#clock = clock;
    this.#since = clock.now();
    this.#kinds = findingKinds({
      names: this.#names,
      serving: this.#serving,
      strays: this.#strays,
      options,
      counters,
      since: this.#since,
      instrumented: (process) => this.#instrumented.has(process),
    });
  }

  activity(activity: Activity, node: ExchangeNode | undefined): void {
    this.#serving.observe(activity, node);
    this.#services.activity(activity);
    for (const kind of this.#kinds) kind.activity?.(activity, node);
  }

  spanReceived(span: SdkNode, fate: SpanFate, at: Nanos): void {
    this.#learn(span);
    this.#services.spanReceived(span, fate);
    for (const kind of this.#kinds) kind.spanReceived?.(span, fate, at);
  }

  said(client: ExchangeNode, evidence: Evidence, verdict: Verdict, why: Silence | undefined): void {
    for (const kind of this.#kinds) kind.said?.(client, evidence, verdict, why);
  }

  decided(nodes: readonly TreeNode[], by: DecidedBy, at: Nanos): void {
    const decided = Decided.of(nodes, by, at);
    for (const span of decided.spans) this.#learn(span);
    this.#edges.decided(decided);
    for (const kind of this.#kinds) kind.decided?.(decided);
    this.#strays.decided(decided);
  }

  /** @param recording what was replayed; null where it was watched live */
  report(recording: string | null): Report {
    this.#strays.settle();
    const findings = this.#kinds.flatMap((kind) => kind.findings()).sort(problemsFirst);
    const from = this.#clock.epochUnixNano + BigInt(Math.round(this.#since));
    return {
      version: REPORT_VERSION,
      recording,
      from: new Date(Number(from / 1_000_000n)).toISOString(),
      seconds: Math.round((this.#clock.now() - this.#since) / 1e8) / 10,
      healthy: findings.every(({ severity }) => severity !== 'problem'),
      services: this.#services.rows(),
      edges: this.#edges.rows(),
      findings,
    };
  }

  /** Whose span it is may become known only after it has come. */
  #learn(span: SdkNode): void {
    this.#names.learn(span);
    if (span.process) this.#instrumented.add(span.process);
  }
}

const RANK: Readonly<Record<Severity, number>> = { problem: 0, notice: 1 };

function problemsFirst(a: Finding, b: Finding): number {
  return RANK[a.severity] - RANK[b.severity];
}
