import type { Nanos } from '../../collector/clock.ts';
import type { Evidence, Verdict } from '../../correlate/link/rule.ts';
import type { Silence } from '../../correlate/link/silence.ts';
import type { ExchangeNode, SdkNode, TreeNode } from '../../correlate/node.ts';
import type { DecidedBy, LinkOutcome, MergeObserver, SpanFate } from '../../correlate/observer.ts';
import type { Watched } from '../../observe/observe-merge.ts';
import { ServiceNames } from '../../observe/service-names.ts';
import type { Activity, Process } from '../../receiver/ebpf/exchange.ts';
import type { Explanation, Fact, Topic } from '../explanation.ts';
import { kindOf, refOf, serviceOf, subjectOf, titleOf } from './describe.ts';
import { evidenceTopic } from './evidence-topic.ts';
import { contextTopic, matchedBy, otherEndTopic, sdkTopic } from './exchange-topics.ts';
import { parentTopic } from './parent-topic.ts';
import { timesTopic } from './times-topic.ts';
import { traceIdTopic } from './trace-id-topic.ts';
import { Words } from './words.ts';

export interface Wanted {
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /** The trace it left in or came in; any where missing. */
  readonly traceId: string | undefined;
}

/** Watches a merge for one span, and tells why that is where it is. */
export class Explainer implements MergeObserver {
  readonly explanations: Explanation[] = [];
  /** Spans and exchanges that have left. */
  seen = 0;
  readonly #watched: Watched;
  readonly #wanted: Wanted;
  readonly #names = new ServiceNames();
  readonly #instrumented = new WeakSet<Process>();
  readonly #words = new Words();
  readonly #known = new WeakMap<TreeNode, { readonly at: Nanos; readonly fate: SpanFate | undefined }>();
  readonly #decided = new WeakMap<TreeNode, { readonly at: Nanos; readonly by: DecidedBy }>();

  constructor(watched: Watched, wanted: Wanted) {
    this.#watched = watched;
    this.#wanted = wanted;
  }

  activity(activity: Activity, node: ExchangeNode | undefined): void {
    if (activity.type === 'request' && node && this.#isWanted(node))
      this.#known.set(node, { at: this.#watched.clock.now(), fate: undefined });
  }

  spanReceived(span: SdkNode, fate: SpanFate, at: Nanos): void {
    this.#learn(span);
    if (this.#isWanted(span)) this.#known.set(span, { at, fate });
  }

  said(client: ExchangeNode, evidence: Evidence, verdict: Verdict, why: Silence | undefined): void {
    this.#words.said(client, evidence, verdict, why);
  }

  linking(client: ExchangeNode, cause: ExchangeNode, evidence: Evidence, outcome: LinkOutcome): void {
    this.#words.linking(client, cause, evidence, outcome);
  }

  decided(nodes: readonly TreeNode[], by: DecidedBy, at: Nanos): void {
    for (const node of nodes) {
      if (node.type === 'sdk') this.#learn(node);
      this.#decided.set(node, { at, by });
    }
  }

  released(node: TreeNode, at: Nanos): void {
    this.seen++;
    if (this.#isWanted(node) && this.#isOfTrace(node)) this.explanations.push(this.#explain(node, at));
  }

  #learn(span: SdkNode): void {
    this.#names.learn(span);
    if (span.process) this.#instrumented.add(span.process);
  }

  #isWanted(node: TreeNode): boolean {
    return node.spanId === this.#wanted.spanId;
  }

  #isOfTrace(node: TreeNode): boolean {
    const { traceId } = this.#wanted;
    return (
      traceId === undefined ||
      node.frozen?.traceId === traceId ||
      (node.type === 'sdk' && node.traceId === traceId)
    );
  }

  #explain(node: TreeNode, releasedAt: Nanos): Explanation {
    const { clock } = this.#watched;
    const names = this.#names;
    const known = this.#known.get(node);
    const decided = this.#decided.get(node);
    const life = {
      knownAt: known?.at,
      late: known?.fate === 'late' || this.#cameAfter(node, known?.at),
      decidedAt: decided?.at,
      decidedBy: decided?.by,
      releasedAt,
    };
    return {
      span: {
        ...refOf(node),
        parent_span_id: node.frozen!.parentSpanId,
        service: serviceOf(node, names),
        kind: kindOf(node),
        name: subjectOf(node),
        zero_code: node.type === 'exchange',
      },
      topics: [
        ...(node.type === 'exchange' && node.frozen!.silent
          ? [this.#notShown(node)]
          : [parentTopic(node, names)]),
        ...(node.type === 'exchange' ? this.#exchangeTopics(node) : this.#sdkTopics(node)),
        traceIdTopic(node, names),
        timesTopic(node, life, clock.epochUnixNano),
      ],
    };
  }

  /** The exchange that the span describes was decided before the span came. */
  #cameAfter(node: TreeNode, knownAt: Nanos | undefined): boolean {
    const exchange = node.type === 'sdk' ? (node.describes ?? node.linkedTo) : undefined;
    const decided = exchange && this.#decided.get(exchange);
    return decided !== undefined && knownAt !== undefined && decided.at < knownAt;
  }

  #notShown(node: ExchangeNode): Topic {
    const fact: Fact = node.sdk
      ? {
          code: 'represented',
          text: `It is not in the output: the ${titleOf(node.sdk, this.#names)} stands for it. Ask for that one's parent.`,
          spans: [refOf(node.sdk)],
        }
      : {
          code: 'not_shown',
          text: 'It is not in the output: its trace is sampled out, or "unmatched: drop" leaves it out.',
        };
    return { topic: 'parent', facts: [fact] };
  }

  #exchangeTopics(node: ExchangeNode): Topic[] {
    const { options } = this.#watched;
    const names = this.#names;
    const call = node.exchange.side === 'client';
    return [
      ...(call ? [evidenceTopic(node, this.#words.of(node), options.evidence, names)] : []),
      contextTopic(node, names),
      otherEndTopic(node, names),
      sdkTopic(node, this.#instrumented.has(node.exchange.process), options, names),
    ];
  }

  /** An SDK's span that describes an exchange hangs where that says. */
  #sdkTopics(span: SdkNode): Topic[] {
    const { options } = this.#watched;
    const exchange = span.describes ?? span.linkedTo;
    if (!exchange) {
      const text = span.process
        ? 'No exchange of its process matches it: it is about something else than a captured request, or its connection is not read.'
        : 'Its process is not watched, so that only the SDK tells of it.';
      return [{ topic: 'exchange', facts: [{ code: 'none', text }] }];
    }
    const names = this.#names;
    const fact: Fact = {
      code: 'describes',
      text: `It describes an exchange that was captured, the ${titleOf(exchange, names)}: matched by ${matchedBy(exchange, options)}.`,
      spans: [refOf(exchange)],
    };
    const topics = this.#exchangeTopics(exchange).filter(({ topic }) => topic !== 'sdk_span');
    return [{ topic: 'exchange', facts: [fact] }, ...topics];
  }
}
