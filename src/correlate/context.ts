import type { ContextHeaders } from '../receiver/ebpf/protocols/protocol.ts';

/** The span a request names as its parent, as the wire said it. */
export interface WireContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  readonly sampled: boolean;
  readonly traceState: string;
}

/**
 * What a request says of its trace: a context, that there is none, or that it can not be known because the bytes
 * that might have held it were not captured.
 */
export type RequestContext = WireContext | 'none' | 'unknown';

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZERO_TRACE = '0'.repeat(32);
const ZERO_SPAN = '0'.repeat(16);

export function readContext(headers: ContextHeaders | undefined): RequestContext {
  if (headers === undefined) return 'none';
  const context = headers.traceparent === undefined ? undefined : parseTraceparent(headers.traceparent);
  if (context) return { ...context, traceState: headers.tracestate ?? '' };
  return headers.complete ? 'none' : 'unknown';
}

/** W3C Trace Context, section 3.2: later versions are read as far as version 00 goes, ff is invalid. */
function parseTraceparent(value: string): Omit<WireContext, 'traceState'> | undefined {
  const match = TRACEPARENT.exec(value.trim());
  if (!match) return undefined;
  const [, version, traceId, spanId, flags, rest] = match as unknown as string[];
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (traceId === ZERO_TRACE || spanId === ZERO_SPAN) return undefined;
  return { traceId: traceId!, spanId: spanId!, sampled: (Number.parseInt(flags!, 16) & 1) === 1 };
}
