import type { Answer, FarParent } from './rendezvous.ts';

/** What stands in a store for a call that somebody follows and has not decided about. */
export const PROMISED = '?';

const DECIDED = /^([0-9a-f]{32})-([0-9a-f]{16}|)-0([01])$/;

export function encodeParent({ traceId, spanId, sampled }: FarParent): string {
  return `${traceId}-${spanId}-0${sampled ? 1 : 0}`;
}

/** Undefined for what nobody of us has written. */
export function decodeAnswer(value: string | null): Answer | undefined {
  if (value === null) return 'unknown';
  if (value === PROMISED) return 'promised';
  const [, traceId, spanId, sampled] = DECIDED.exec(value) ?? [];
  return traceId === undefined ? undefined : { traceId, spanId: spanId!, sampled: sampled === '1' };
}
