import { printable } from '../../../terminal/columns.ts';
import { attribute } from '../value-text.ts';
import { durationText } from './duration-text.ts';
import type { SpanNode } from './forest.ts';

/** Where a row stands, as a list from its own level upwards: deep traces share what is above. */
export interface Level {
  readonly above: Level | undefined;
  /** More siblings follow on this level. */
  readonly more: boolean;
}

/** What one line of a tree says, as text without decoration. */
export interface Row {
  readonly node: SpanNode;
  /** Undefined: a root. */
  readonly level: Level | undefined;
  readonly service: string;
  readonly name: string;
  /** The system a call goes to, where it is no plain request: `redis`, `postgresql`, `kafka`. */
  readonly system: string;
  readonly kind: string;
  readonly duration: string;
  readonly source: 'zero-code' | 'sdk';
  /** Why the span hangs where it does; empty for a root. */
  readonly link: string;
  readonly ambiguous: boolean;
  /** Set for a span in error: its code or type and message. */
  readonly error: string | undefined;
}

const KINDS = ['-', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const SYSTEMS = ['db.system.name', 'db.system', 'messaging.system', 'rpc.system.name', 'rpc.system'];
const ERRORS = ['http.response.status_code', 'db.response.status_code', 'rpc.status_code', 'error.type'];
const STATUS_ERROR = 2;

/** How the first span of a tree relates to the output: a root, or a span whose parent is not shown. */
export type Top = 'root' | 'fragment';

/** The spans below and including `first`, in the order in which a tree lists them. */
export function rows(first: SpanNode, top: Top): Row[] {
  const found: Row[] = [];
  // A stack of its own: a trace may be deeper than the call stack.
  const open: { node: SpanNode; level: Level | undefined }[] = [
    { node: first, level: top === 'root' ? undefined : { above: undefined, more: false } },
  ];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, level } = next;
    found.push(row(node, level, node === first ? top : 'child'));
    for (let i = node.children.length - 1; i >= 0; i--)
      open.push({ node: node.children[i]!, level: { above: level, more: i < node.children.length - 1 } });
  }
  return found;
}

function row(node: SpanNode, level: Level | undefined, place: Top | 'child'): Row {
  const { span, service, zeroCode } = node;
  const { attributes } = span;
  const nanos = Number(BigInt(span.endTimeUnixNano ?? 0) - BigInt(span.startTimeUnixNano ?? 0));
  const evidence = attribute(attributes, 'spanloom.link.evidence') ?? '';
  return {
    node,
    level,
    service: printable(service),
    name: printable(span.name ?? ''),
    system: printable(firstOf(node, SYSTEMS)),
    kind: KINDS[span.kind ?? 0] ?? String(span.kind),
    duration: durationText(nanos),
    source: zeroCode ? 'zero-code' : 'sdk',
    // Without evidence of ours, a parent in the same batch is what the SDK says.
    link: place === 'root' ? '' : printable(evidence) || (place === 'child' ? 'sdk' : ''),
    ambiguous: attribute(attributes, 'spanloom.link.ambiguous') === 'true',
    error: span.status?.code === STATUS_ERROR ? errorText(node) : undefined,
  };
}

function errorText(node: SpanNode): string {
  const parts = [firstOf(node, ERRORS), node.span.status?.message ?? ''];
  return printable(['ERROR', ...parts].filter((part) => part !== '').join(' '));
}

function firstOf({ span }: SpanNode, keys: readonly string[]): string {
  for (const key of keys) {
    const value = attribute(span.attributes, key);
    if (value) return value;
  }
  return '';
}
