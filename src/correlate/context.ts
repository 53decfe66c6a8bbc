import type { ContextHeaders } from '../receiver/ebpf/protocols/protocol.ts';
import { b3 } from './propagation/b3.ts';
import type { ContextFormat } from './propagation/format.ts';
import { jaeger } from './propagation/jaeger.ts';
import { skywalking } from './propagation/skywalking.ts';
import { w3c } from './propagation/w3c.ts';

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

/** By the header that names them, in the order in which they are believed. */
const FORMATS: readonly (readonly [header: ContextHeader, format: ContextFormat])[] = [
  ['traceparent', w3c],
  ['b3', b3],
  ['sw8', skywalking],
  ['uber-trace-id', jaeger],
];

export type ContextHeader = 'traceparent' | 'b3' | 'sw8' | 'uber-trace-id';

export function readContext(headers: ContextHeaders | undefined): RequestContext {
  if (headers === undefined) return 'none';
  for (const [, format] of FORMATS) {
    const context = format(headers);
    if (context) return context;
  }
  return headers.complete ? 'none' : 'unknown';
}

/** The format of the context that `readContext` finds. */
export function contextHeader(headers: ContextHeaders | undefined): ContextHeader | undefined {
  return headers && FORMATS.find(([, format]) => format(headers))?.[0];
}
