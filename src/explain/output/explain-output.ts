import { attribute } from '../../exporter/debug/value-text.ts';
import { meaningOf } from '../evidence-text.ts';
import type { Explanation, Fact, SpanRef, Topic } from '../explanation.ts';
import { readOutput, type WrittenSpan } from './read-output.ts';

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const CHILDREN = 8;

/** What the output of a pipeline tells of the spans of this id. */
export async function explainOutput(
  file: string,
  spanId: string,
  traceId: string | undefined,
): Promise<Explanation[]> {
  const found: WrittenSpan[] = [];
  for await (const written of readOutput(file, spanId))
    if (written.span.spanId === spanId && isOfTrace(written, traceId)) found.push(written);
  const explanations: Explanation[] = [];
  for (const written of found) {
    const trace: WrittenSpan[] = [];
    for await (const other of readOutput(file, written.span.traceId!))
      if (other.span.traceId === written.span.traceId) trace.push(other);
    explanations.push(explain(written, trace));
  }
  return explanations;
}

function isOfTrace({ span }: WrittenSpan, traceId: string | undefined): boolean {
  return traceId === undefined || span.traceId === traceId || original(span, 'trace_id') === traceId;
}

function original(span: WrittenSpan['span'], what: 'trace_id' | 'parent_span_id'): string | undefined {
  return attribute(span.attributes, `spanloom.original_${what}`);
}

function explain(written: WrittenSpan, trace: readonly WrittenSpan[]): Explanation {
  const { span, service, zeroCode } = written;
  return {
    span: {
      ...refOf(written),
      parent_span_id: span.parentSpanId ?? '',
      service,
      kind: KINDS[span.kind ?? 0] ?? 'UNSPECIFIED',
      name: span.name ?? '',
      zero_code: zeroCode,
    },
    topics: [
      parentTopic(written, trace),
      ...(zeroCode ? [] : [exchangeTopic(written)]),
      traceIdTopic(written, trace),
      timesTopic(written),
      childrenTopic(written, trace),
      notTold(),
    ],
  };
}

function parentTopic(written: WrittenSpan, trace: readonly WrittenSpan[]): Topic {
  const { span, zeroCode } = written;
  const evidence = attribute(span.attributes, 'spanloom.link.evidence');
  const facts: Fact[] = [];
  if (!span.parentSpanId) facts.push(rootFact(written));
  else {
    const parent = trace.find((other) => other.span.spanId === span.parentSpanId);
    const title = parent ? titleOf(parent) : `span ${span.parentSpanId}, which is not in this file`;
    const why =
      evidence === undefined
        ? zeroCode
          ? 'of a reason that the span does not name'
          : 'its SDK says so'
        : meaningOf(evidence);
    facts.push({
      code: evidence === undefined ? 'sdk_parent' : 'linked',
      text: `It hangs under the ${title}, because ${why}.`,
      ...(evidence !== undefined && { evidence }),
      spans: [parent ? refOf(parent) : { trace_id: span.traceId ?? '', span_id: span.parentSpanId }],
    });
  }
  const before = original(span, 'parent_span_id');
  if (before !== undefined)
    facts.push({
      code: 'reparented',
      text: `Its SDK names ${before} as its parent (spanloom.original_parent_span_id).`,
    });
  for (const { traceId = '', spanId = '' } of span.links ?? [])
    facts.push({
      code: 'span_link',
      text: `A span link leads to span ${spanId} of trace ${traceId}.`,
      spans: [{ trace_id: traceId, span_id: spanId }],
    });
  return { topic: 'parent', facts };
}

function rootFact({ span, zeroCode }: WrittenSpan): Fact {
  if (attribute(span.attributes, 'spanloom.link.ambiguous') === 'true')
    return {
      code: 'root_ambiguous',
      text: 'It is a root: evidence named several requests it can have been made for, and none for sure (spanloom.link.ambiguous).',
    };
  if (!zeroCode)
    return { code: 'root', text: 'It is a root: its SDK names no parent, and no evidence told one.' };
  return {
    code: 'root',
    text:
      KINDS[span.kind ?? 0] === 'SERVER'
        ? 'It is a root: the caller was not seen, and the request carried no context that was believed.'
        : 'It is a root: nothing told which request it was made for, if it was for one.',
  };
}

/** The kernel's facts are added to an SDK span that describes a captured exchange. */
function exchangeTopic({ span }: WrittenSpan): Topic {
  const bytes = attribute(span.attributes, 'spanloom.request.bytes');
  const fact: Fact =
    bytes === undefined
      ? { code: 'none', text: 'No captured exchange is matched to it: it carries no facts of the kernel.' }
      : {
          code: 'describes',
          text: `It describes an exchange that was captured, and stands for it: it carries the kernel's facts (${bytes} bytes of request, ${attribute(span.attributes, 'spanloom.response.bytes') ?? '?'} of response).`,
        };
  return { topic: 'exchange', facts: [fact] };
}

function traceIdTopic({ span }: WrittenSpan, trace: readonly WrittenSpan[]): Topic {
  const services = [...new Set(trace.map(({ service }) => service))];
  const facts: Fact[] = [
    {
      code: 'trace',
      text: `Trace ${span.traceId} has ${trace.length} ${trace.length === 1 ? 'span' : 'spans'} in this file, of ${services.join(', ')}.`,
    },
  ];
  const before = original(span, 'trace_id');
  if (before !== undefined)
    facts.push({
      code: 'renamed',
      text: `Its SDK sent it in trace ${before} (spanloom.original_trace_id): it belongs to a causal chain that has an id nearer its root.`,
    });
  return { topic: 'trace_id', facts };
}

function timesTopic({ span }: WrittenSpan): Topic {
  const start = BigInt(span.startTimeUnixNano ?? 0);
  const took = Number(BigInt(span.endTimeUnixNano ?? 0) - start) / 1e6;
  const facts: Fact[] = [
    {
      code: 'began',
      text: `It began at ${new Date(Number(start / 1_000_000n)).toISOString()} and took ${took.toFixed(took < 10 ? 2 : 0)} ms.`,
    },
  ];
  const incomplete = attribute(span.attributes, 'spanloom.incomplete');
  if (incomplete !== undefined)
    facts.push({
      code: 'incomplete',
      text: `Its end was not seen whole: ${incomplete} (spanloom.incomplete).`,
    });
  return { topic: 'times', facts };
}

function childrenTopic({ span }: WrittenSpan, trace: readonly WrittenSpan[]): Topic {
  const children = trace.filter((other) => other.span.parentSpanId === span.spanId);
  if (children.length === 0)
    return { topic: 'children', facts: [{ code: 'none', text: 'Nothing in this file hangs under it.' }] };
  const facts = children.slice(0, CHILDREN).map((child): Fact => {
    const evidence = attribute(child.span.attributes, 'spanloom.link.evidence');
    return {
      code: 'child',
      text: `${capital(titleOf(child))}, ${evidence === undefined ? "by its SDK's word" : `by ${evidence}`}.`,
      ...(evidence !== undefined && { evidence }),
      spans: [refOf(child)],
    };
  });
  if (children.length > CHILDREN) facts.push({ code: 'more', text: `${children.length - CHILDREN} more.` });
  return { topic: 'children', facts };
}

function notTold(): Topic {
  return {
    topic: 'not_told',
    facts: [
      {
        code: 'needs_recording',
        text:
          'The output does not tell which evidence was asked and was silent, which candidates there were, and when the span was held and decided. ' +
          'Record (ebpf: {record: FILE}, or spanloom doctor --record FILE) and explain from that file.',
      },
    ],
  };
}

function titleOf({ span, service, zeroCode }: WrittenSpan): string {
  const name = span.name ? `, ${span.name}` : '';
  return `${KINDS[span.kind ?? 0]} span ${span.spanId} of ${service}${zeroCode ? '' : ' (SDK)'}${name}`;
}

function refOf({ span }: WrittenSpan): SpanRef {
  return { trace_id: span.traceId ?? '', span_id: span.spanId ?? '' };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
