import type { ContextHeaders } from '../../receiver/ebpf/protocols/protocol.ts';
import type { WireContext } from '../context.ts';

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZERO = /^0+$/;

/** `traceparent` and `tracestate`: W3C Trace Context, section 3.2. Later versions are read as far as 00 goes; ff is invalid. */
export function w3c(headers: ContextHeaders): WireContext | undefined {
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(headers.traceparent?.trim() ?? '') ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (ZERO.test(traceId!) || ZERO.test(spanId!)) return undefined;
  return {
    traceId: traceId!,
    spanId: spanId!,
    sampled: (Number.parseInt(flags!, 16) & 1) === 1,
    traceState: headers.tracestate ?? '',
  };
}
