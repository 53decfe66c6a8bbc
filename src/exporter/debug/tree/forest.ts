import type { Span, TracesJson } from '../otlp-json.ts';
import { attribute } from '../value-text.ts';

/** A span of a batch with the spans below it. */
export interface SpanNode {
  readonly span: Span;
  readonly service: string;
  /** Made from what the kernel saw; otherwise an SDK made it. */
  readonly zeroCode: boolean;
  /** In the order of their start. */
  readonly children: SpanNode[];
}

/** What a batch holds of one trace. */
export interface Trace {
  readonly traceId: string;
  readonly nodes: readonly SpanNode[];
  /** Spans without parent, in the order of their start. */
  readonly roots: readonly SpanNode[];
  /** Spans whose parent is somewhere else, in the order of their start. */
  readonly fragments: readonly SpanNode[];
}

/** Scope of the spans that Spanloom makes. */
const ZERO_CODE_SCOPE = 'spanloom';

const SERVER = 2;
const CONSUMER = 5;

/** The traces of a batch, in the order in which they first appear. */
export function forest(batch: TracesJson): Trace[] {
  return [...nodesByTrace(batch)].map(([traceId, nodes]) => link(traceId, nodes));
}

function nodesByTrace(batch: TracesJson): Map<string, SpanNode[]> {
  const traces = new Map<string, SpanNode[]>();
  for (const { resource, scopeSpans } of batch.resourceSpans ?? []) {
    const service = attribute(resource?.attributes, 'service.name') ?? 'unknown_service';
    for (const { scope, spans } of scopeSpans ?? [])
      for (const span of spans ?? []) {
        const traceId = span.traceId ?? '';
        const nodes = traces.get(traceId) ?? [];
        if (nodes.length === 0) traces.set(traceId, nodes);
        nodes.push({ span, service, zeroCode: scope?.name === ZERO_CODE_SCOPE, children: [] });
      }
  }
  return traces;
}

function link(traceId: string, nodes: SpanNode[]): Trace {
  const byStart = nodes
    .map((node) => ({ node, start: BigInt(node.span.startTimeUnixNano ?? 0) }))
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
    .map(({ node }) => node);
  const byId = new Map<string, SpanNode>();
  for (const node of byStart) {
    const id = node.span.spanId ?? '';
    // B3 lets a client and its server share one span id; children belong below the server.
    if (!byId.has(id) || node.span.kind === SERVER || node.span.kind === CONSUMER) byId.set(id, node);
  }
  const roots: SpanNode[] = [];
  const fragments: SpanNode[] = [];
  for (const node of byStart) {
    const parentId = node.span.parentSpanId ?? '';
    const parent = byId.get(parentId);
    if (parentId === '') roots.push(node);
    else if (parent === undefined || parent === node) fragments.push(node);
    else parent.children.push(node);
  }
  fragments.push(...cutCycles(byStart, byId, [...roots, ...fragments]));
  return { traceId, nodes, roots, fragments };
}

/** One span of every circle of parents, cut loose from its parent: nothing is left out of the output. */
function cutCycles(
  nodes: readonly SpanNode[],
  byId: ReadonlyMap<string, SpanNode>,
  tops: readonly SpanNode[],
): SpanNode[] {
  const seen = new Set<SpanNode>();
  const visit = (top: SpanNode) => {
    const open = [top];
    for (let node = open.pop(); node; node = open.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      open.push(...node.children);
    }
  };
  for (const top of tops) visit(top);
  const cut: SpanNode[] = [];
  for (const node of nodes) {
    if (seen.has(node)) continue;
    visit(node);
    const siblings = byId.get(node.span.parentSpanId ?? '')!.children;
    siblings.splice(siblings.indexOf(node), 1);
    cut.push(node);
  }
  return cut;
}
