import type { ContextHeaders } from '../../receiver/ebpf/protocols/protocol.ts';
import type { WireContext } from '../context.ts';
import { spanIdFrom, traceIdFrom } from './format.ts';

/** `uber-trace-id: {trace-id}:{span-id}:{parent-span-id}:{flags}`, leading zeros left out, colons possibly percent-encoded. */
export function jaeger(headers: ContextHeaders): WireContext | undefined {
  const header = headers.others?.['uber-trace-id'];
  if (header === undefined) return undefined;
  const [trace, span, , flags] = header.trim().replaceAll(/%3a/gi, ':').split(':');
  const traceId = traceIdFrom(trace);
  const spanId = spanIdFrom(span);
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1, traceState: '' };
}
