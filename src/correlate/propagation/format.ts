import type { ContextHeaders } from '../../receiver/ebpf/protocols/protocol.ts';
import type { WireContext } from '../context.ts';

/**
 * One way of writing a trace context into headers. Returns undefined where the headers do not hold (all of) it.
 */
export type ContextFormat = (headers: ContextHeaders) => WireContext | undefined;

const HEX = /^[0-9a-f]+$/;

/** A trace id of 1 to 32 hex digits, as 32; undefined when it is none, or all zero. */
export function traceIdFrom(text: string | undefined): string | undefined {
  return padded(text, 32);
}

/** A span id of 1 to 16 hex digits, as 16; undefined when it is none, or all zero. */
export function spanIdFrom(text: string | undefined): string | undefined {
  return padded(text, 16);
}

function padded(text: string | undefined, length: number): string | undefined {
  const id = text?.toLowerCase();
  if (id === undefined || id.length > length || !HEX.test(id) || /^0+$/.test(id)) return undefined;
  return id.padStart(length, '0');
}
