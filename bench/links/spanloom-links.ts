import { spanIdOf } from '../../src/correlate/identity.ts';
import type { Exchange } from '../../src/receiver/ebpf/exchange.ts';
import type { Span } from '../../test/support/otlp-json.ts';
import type { Replayed } from './replay.ts';

/** The request a call was linked to; undefined: none. */
export type Answer = Exchange | 'ambiguous' | undefined;

export interface SpanloomLinks {
  answer(call: Exchange): Answer;
  /** Whether a span stands for this call. */
  isShown(call: Exchange): boolean;
  /** What the link of this call rests on. */
  evidence(call: Exchange): string | undefined;
}

/** A chain of SDK spans between a call and its request is not longer. */
const MOST_STEPS = 64;

/** Reads links from the spans that came out, as a user would: a call's parents up to the first received request. */
export function spanloomLinks({ exchanges, spans }: Replayed): SpanloomLinks {
  const spanOf = new Map<string, Span>(spans.map((span) => [span.spanId, span]));
  const exchangeOf = new Map<string, Exchange>(exchanges.map((exchange) => [spanIdOf(exchange), exchange]));
  return {
    answer: (call) => {
      const own = spanOf.get(spanIdOf(call));
      let span = own;
      for (let step = 0; span !== undefined && span.parentSpanId !== '' && step < MOST_STEPS; step++) {
        const parent = exchangeOf.get(span.parentSpanId);
        if (parent?.side === 'server') return parent;
        if (parent) break;
        span = spanOf.get(span.parentSpanId);
      }
      return own?.attributes['spanloom.link.ambiguous'] === true ? 'ambiguous' : undefined;
    },
    isShown: (call) => spanOf.has(spanIdOf(call)),
    evidence: (call) => {
      const kind = spanOf.get(spanIdOf(call))?.attributes['spanloom.link.evidence'];
      return typeof kind === 'string' ? kind : undefined;
    },
  };
}
