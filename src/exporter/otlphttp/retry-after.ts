/**
 * Milliseconds a `Retry-After` header asks to wait: whole seconds or an HTTP date (RFC 9110, section 10.2.3).
 * Undefined where there is none or it is neither.
 */
export function retryAfterMs(value: string | string[] | undefined, nowMs: number): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
