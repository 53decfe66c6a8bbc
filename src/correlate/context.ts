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

/** In the order in which they are believed. */
const FORMATS: readonly ContextFormat[] = [w3c, b3, skywalking, jaeger];

export function readContext(headers: ContextHeaders | undefined): RequestContext {
  if (headers === undefined) return 'none';
  for (const format of FORMATS) {
    const context = format(headers);
    if (context) return context;
  }
  return headers.complete ? 'none' : 'unknown';
}
