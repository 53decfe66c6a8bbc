import type { Evidence, Verdict } from '../../correlate/link/rule.ts';
import { SILENCE, type Silence } from '../../correlate/link/silence.ts';
import type { ExchangeNode } from '../../correlate/node.ts';
import type { Decided } from '../decided.ts';
import type { Finding } from '../report.ts';
import { Tally } from '../tally.ts';
import { count, type FindingKind, type Surroundings } from './kind.ts';

/** Of the reasons that several kinds of evidence give, the one that helps most: the first of these. */
const TELLING: readonly Silence[] = [
  'several_candidates',
  'not_earned',
  'others_possible',
  'runtime_schedules',
  'interleaves',
  'idle_thread',
];

/** Below this share of a service's calls it is worth a note only. */
const WORTH_A_NOTE = 0.01;

const REST = 'nothing_seen' satisfies Silence;

const FORWARD =
  'Give it an OpenTelemetry SDK, or let it copy traceparent or x-request-id from a request to the calls made for it: that links exactly.';

const ACTION: Readonly<Partial<Record<Silence, string>>> = {
  runtime_schedules: `From outside such a runtime cannot be followed. ${FORWARD}`,
  interleaves: `Its threads work on several requests at a time. ${FORWARD}`,
  idle_thread: `It hands work from the thread that reads requests to others, or these calls are background jobs. ${FORWARD}`,
};

/** Calls made while their process worked on requests, of which nothing tells for which. */
export class UnlinkedCalls implements FindingKind {
  readonly #about: Surroundings;
  readonly #services = new Tally(() => ({ unlinked: 0, ambiguous: 0 }));
  readonly #calls = new Tally(() => ({ calls: 0 }));
  readonly #reasons = new WeakMap<ExchangeNode, Silence[]>();

  constructor(about: Surroundings) {
    this.#about = about;
  }

  said(client: ExchangeNode, _evidence: Evidence, verdict: Verdict, why: Silence | undefined): void {
    if (why === undefined) return;
    const ambiguous = verdict !== undefined;
    const reasons = this.#reasons.get(client);
    if (!reasons) this.#reasons.set(client, [why]);
    else if (ambiguous) reasons.unshift(why);
    else reasons.push(why);
  }

  decided({ exchanges }: Decided): void {
    for (const node of exchanges) {
      if (node.exchange.side !== 'client' || node.frozen?.silent === true) {
        if (node.exchange.side === 'client' && node.sdk) this.#made(node);
        continue;
      }
      if (this.#about.serving.when(node) === 'nothing') continue;
      this.#made(node);
      // Whose span a context of its own names is for others to say.
      if (node.frozen?.parentSpanId !== '' || node.linkedTo || node.contextKey !== undefined) continue;
      const row = this.#services.row(this.#about.names.of(node.exchange.process), this.#reasonOf(node));
      row.counts.unlinked++;
      if (node.ambiguous) row.counts.ambiguous++;
      row.examples.add(node);
    }
  }

  findings(): Finding[] {
    return this.#services.rows().map(({ names, counts, examples }) => {
      const [service, reason] = names as [string, Silence];
      const { calls } = this.#calls.row(service).counts;
      return {
        code: 'calls_unlinked',
        severity: counts.unlinked < calls * WORTH_A_NOTE ? 'notice' : 'problem',
        service,
        peer: null,
        peer_role: null,
        seen: `${counts.unlinked} of ${count(calls, 'call')} that ${service} made while it worked on requests begin traces of their own: ${SILENCE[reason] ?? SILENCE[REST]}.`,
        action: ACTION[reason] ?? FORWARD,
        counts: { calls, ...counts },
        examples: examples.list,
      };
    });
  }

  #made(node: ExchangeNode): void {
    this.#calls.row(this.#about.names.of(node.exchange.process)).counts.calls++;
  }

  #reasonOf(node: ExchangeNode): Silence {
    const reasons = this.#reasons.get(node) ?? [];
    return TELLING.find((reason) => reasons.includes(reason)) ?? REST;
  }
}
