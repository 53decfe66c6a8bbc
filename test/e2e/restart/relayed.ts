import { setTimeout as sleep } from 'node:timers/promises';
import type { Merge } from '../../support/expected-merge.ts';
import { renderTree } from '../../support/expected-tree.ts';
import type { AttributeValue, Span } from '../../support/otlp-json.ts';
import type { SentOrder } from './burst-load.ts';
import { cameLate } from './exact-orders.ts';

/** Requests to a chain of relays, each with a path of its own, one after the other until it is stopped. */
export class RelayLoad {
  readonly #done: Promise<SentOrder[]>;
  #stopped = false;

  constructor(url: string, name: string, intervalMs: number) {
    this.#done = this.#run(url, name, intervalMs);
  }

  /** Resolves when every request sent has been answered. */
  stop(): Promise<SentOrder[]> {
    this.#stopped = true;
    return this.#done;
  }

  async #run(url: string, name: string, intervalMs: number): Promise<SentOrder[]> {
    const sent: SentOrder[] = [];
    while (!this.#stopped) {
      const label = `/${name}-${String(sent.length).padStart(6, '0')}`;
      const sentAt = Date.now();
      const answer = await fetch(`${url}${label}`);
      if ((await answer.text()) !== 'hello\n') throw new Error(`${label} was answered with ${answer.status}`);
      sent.push({ label, sentAt, answeredAt: Date.now() });
      await sleep(intervalMs);
    }
    return sent;
  }
}

const [SDK, ZERO_CODE] = ['●', '○'];

/** The trees of one request: one, or one more where the SDK behind `plain`, which forwards no header, keeps its trace. */
function expectedTrees({ overlap, trace_conflict }: Merge): string[] {
  const both = overlap === 'nest';
  const down = [
    ...(both ? [`front SERVER ${ZERO_CODE}`] : []),
    `front SERVER ${SDK}`,
    `front CLIENT ${SDK}`,
    ...(both ? [`front CLIENT ${ZERO_CODE}`] : []),
    `plain SERVER ${ZERO_CODE}`,
    `plain CLIENT ${ZERO_CODE}`,
    ...(both ? [`back SERVER ${ZERO_CODE}`] : []),
  ];
  const back = `back SERVER ${SDK}`;
  const trees = trace_conflict === 'link' ? [down, [back]] : [[...down, back]];
  return trees.map((lines) => lines.map((line, depth) => '  '.repeat(depth) + line).join('\n')).sort();
}

/** The SDK spans of a request: front's two and back's one. */
const SDK_SPANS = 3;

/** Which of these requests a life's SDK spans all came to: exporters that found nobody listening hold theirs back for a while. */
export function relaysDelivered(spans: readonly Span[], labels: readonly string[]): string[] {
  const byLabel = spansByLabel(spans);
  return labels.filter((label) => {
    const own = byLabel.get(label) ?? [];
    return own.filter(({ scope }) => scope !== 'spanloom').length === SDK_SPANS;
  });
}

/** Those of the requests of which no SDK's span came late. */
export function relaysInTime(spans: readonly Span[], labels: readonly string[]): string[] {
  const byLabel = spansByLabel(spans);
  return labels.filter((label) => !cameLate(byLabel.get(label) ?? []));
}

/** How the traces of these requests differ from what they have to be. */
export function relayProblems(spans: readonly Span[], labels: readonly string[], merge: Merge): string[] {
  const byLabel = spansByLabel(spans);
  const expected = expectedTrees(merge).join('\n');
  return labels.flatMap((label) => {
    const own = byLabel.get(label) ?? [];
    const traces = [...new Set(own.map(({ traceId }) => traceId))];
    const actual = traces.map((id) => tree(own.filter(({ traceId }) => traceId === id))).sort();
    const problems =
      actual.join('\n') === expected ? [] : [`${label} is\n${actual.join('\n')}\nnot\n${expected}`];
    const cut = own.find(
      ({ parentSpanId, resource }) => parentSpanId === '' && resource['service.name'] === 'back',
    );
    if (cut && merge.trace_conflict === 'link' && !own.some(({ spanId }) => spanId === cut.links[0]?.spanId))
      problems.push(`${label}: the trace of back is not linked to the other`);
    return problems;
  });
}

function tree(spans: readonly Span[]): string {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return renderTree(
    spans,
    (span) => byId.get(span.parentSpanId),
    ({ resource, kind, scope }) =>
      `${resource['service.name']} ${kind} ${scope === 'spanloom' ? ZERO_CODE : SDK}`,
  );
}

/** Spans by the path of their request, which stands in one attribute or another. */
function spansByLabel(spans: readonly Span[]): Map<string, Span[]> {
  const byLabel = new Map<string, Span[]>();
  for (const span of spans) {
    const label = Object.values(span.attributes).map(pathIn).find(Boolean);
    if (label === undefined) continue;
    const own = byLabel.get(label);
    if (own) own.push(span);
    else byLabel.set(label, [span]);
  }
  return byLabel;
}

function pathIn(value: AttributeValue): string | undefined {
  return typeof value === 'string' ? /\/[a-z]+-\d{6}$/.exec(value)?.[0] : undefined;
}
