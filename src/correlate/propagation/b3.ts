import type { ContextHeaders } from '../../receiver/ebpf/protocols/protocol.ts';
import type { WireContext } from '../context.ts';
import { spanIdFrom, traceIdFrom } from './format.ts';

/**
 * B3, in one header (`b3: {TraceId}-{SpanId}-{SamplingState}-{ParentSpanId}`) or several (`x-b3-traceid` …); see
 * openzipkin/b3-propagation. A missing sampling state leaves the decision to the receiver: it is taken as sampled.
 */
export function b3(headers: ContextHeaders): WireContext | undefined {
  const others = headers.others ?? {};
  if (others.b3 !== undefined) {
    const [traceId, spanId, state] = others.b3.trim().split('-');
    return context(traceId, spanId, state);
  }
  const state = others['x-b3-flags'] === '1' ? 'd' : others['x-b3-sampled'];
  return context(others['x-b3-traceid'], others['x-b3-spanid'], state);
}

function context(trace: string | undefined, span: string | undefined, state: string | undefined) {
  const traceId = traceIdFrom(trace);
  const spanId = spanIdFrom(span);
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, sampled: state !== '0' && state !== 'false', traceState: '' };
}
