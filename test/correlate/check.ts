import { expect } from 'vitest';
import { MILLISECOND } from '../../src/collector/clock.ts';
import type { Span } from '../support/otlp-json.ts';
import type { Scene } from './scene.ts';
import type { SdkSpan } from './sdk.ts';
import { isCause, rootOf, type Shop } from './shop.ts';
import { isZeroCode } from './show.ts';

/** The rules that hold for whatever left, whatever came in. */
export function checkEmission(scene: Scene, shop: Shop): void {
  const byId = new Map<string, Span>();
  for (const span of scene.spans) {
    expect(byId.has(span.spanId), `${span.spanId} left twice`).toBe(false);
    byId.set(span.spanId, span);
  }
  const fromOutside = new Set<string>();
  for (const span of shop.spans) fromOutside.add(span.parentSpanId);
  for (const { clientExchange, serverExchange } of shop.calls)
    for (const exchange of [clientExchange, serverExchange]) {
      const header = exchange?.request.context?.traceparent;
      if (header) fromOutside.add(header.split('-')[2]!);
    }
  for (const span of scene.spans) {
    checkNoCircle(span, byId);
    const parent = byId.get(span.parentSpanId);
    if (!parent) {
      const named = span.parentSpanId === '' || fromOutside.has(span.parentSpanId);
      expect(named, `${span.parentSpanId} is nobody's id`).toBe(true);
      continue;
    }
    if (!fromOutside.has(span.parentSpanId)) expect(parent.traceId).toBe(span.traceId);
    if (isZeroCode(span)) {
      const step = isZeroCode(parent) ? 0n : BigInt(2 * MILLISECOND);
      expect(span.startUnixNano).toBeGreaterThanOrEqual(parent.startUnixNano - step);
      const ends = span.attributes['spanloom.link.evidence'] === 'peer' && isZeroCode(parent);
      const both = !('spanloom.incomplete' in span.attributes || 'spanloom.incomplete' in parent.attributes);
      if (ends && both) expect(span.endUnixNano).toBeLessThanOrEqual(parent.endUnixNano);
    }
  }
  for (const span of shop.spans) checkSdkSpan(scene, span, byId.get(span.spanId));
}

function checkNoCircle(span: Span, byId: ReadonlyMap<string, Span>): void {
  const seen = new Set<string>();
  for (let at: Span | undefined = span; at; at = byId.get(at.parentSpanId)) {
    expect(seen.has(at.spanId), `a circle at ${at.spanId}`).toBe(false);
    seen.add(at.spanId);
  }
}

function checkSdkSpan(scene: Scene, sent: SdkSpan, left: Span | undefined): void {
  if (!left) return;
  const epoch = scene.clock.epochUnixNano;
  expect(left.startUnixNano).toBe(epoch + BigInt(sent.start));
  expect(left.endUnixNano).toBe(epoch + BigInt(sent.end!));
  if (left.traceId !== sent.traceId) expect(left.attributes['spanloom.original_trace_id']).toBe(sent.traceId);
  if (left.parentSpanId !== sent.parentSpanId && sent.parentSpanId !== '')
    expect(left.attributes['spanloom.original_parent_span_id']).toBe(sent.parentSpanId);
}

/** Everything taken in has left once, or is counted as something else. */
export function checkConservation(scene: Scene, sdkSpansIn: number, exchangesIn: number): void {
  const zeroCode = scene.spans.filter(isZeroCode).length;
  const hidden = scene.count('not_emitted', { reason: 'sampled_out_or_unmatched' });
  expect(zeroCode + scene.count('merged_exchanges') + hidden).toBe(exchangesIn);
  expect(scene.spans.length - zeroCode + scene.count('duplicate_spans')).toBe(sdkSpansIn);
}

/** Parents may be missing, never wrong, and what has nothing to do with each other is never in one trace. */
export function checkTruth(scene: Scene, shop: Shop): void {
  const roots = new Map<string, unknown>();
  for (const span of scene.spans) {
    const deed = shop.deeds.get(span.spanId)!;
    const above = shop.deeds.get(span.parentSpanId);
    if (above) expect(isCause(above, deed), `${span.spanId} under ${span.parentSpanId}`).toBe(true);
    const root = rootOf(deed);
    expect(roots.get(span.traceId) ?? root).toBe(root);
    roots.set(span.traceId, root);
  }
}
