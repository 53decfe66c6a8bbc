import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Span } from '../support/otlp-json.ts';
import { Scene, traceparent } from './scene.ts';
import { type Kind, SdkSpan } from './sdk.ts';

/** Spans of a program nobody observes, each the child of the one before, all ended. */
function chain(scene: Scene, count: number, service = 'web', text = 'short'): SdkSpan[] {
  const actor = scene.stranger(service);
  const spans: SdkSpan[] = [];
  for (let i = 0; i < count; i++)
    spans.push(
      scene.start(actor, i === 0 ? 'server' : 'internal', spans.at(-1), { 'a.number': i, 'a.text': text }),
    );
  scene.end(...spans);
  return spans;
}

describe('a trace of which only SDKs tell', () => {
  it('leaves as it came, decision_wait after its last span', () => {
    const scene = new Scene();
    const [root, inner] = chain(scene, 2) as [SdkSpan, SdkSpan];
    scene.export(root);
    scene.advance(8);
    scene.export(inner);
    scene.advance(9.99);
    expect(scene.spans).toEqual([]);
    scene.advance(0.12);
    expect(scene.tree()).toEqual(['web server sdk', '  web internal sdk']);
  });

  it('leaves at max_age at the latest, what comes later soon after it came', () => {
    const scene = new Scene({ maxAge: 19e9 });
    const spans = chain(scene, 5);
    for (const span of spans.slice(0, 4)) {
      scene.export(span);
      expect(scene.released).toBe(0);
      scene.advance(5);
    }
    expect(scene.released).toBe(4);
    scene.export(spans[4]!);
    expect(scene.count('late_spans')).toBe(1);
    scene.advance(0.4);
    expect(scene.released).toBe(5);
  });

  it('is told from a span that is sent again, held or left, however large it is', () => {
    const scene = new Scene();
    const spans = chain(scene, 200);
    scene.export(...spans);
    scene.export(...spans.slice(100));
    expect(scene.count('duplicate_spans')).toBe(100);
    scene.settle();
    scene.export(...spans.slice(0, 50));
    expect(scene.count('duplicate_spans')).toBe(150);
    scene.settle();
    expect(scene.released).toBe(200);
    scene.advance(50);
    // Something has to happen for what is old to be forgotten.
    scene.export(...chain(scene, 1));
    scene.settle();
    scene.export(spans[0]!);
    scene.settle();
    expect(scene.released).toBe(202);
  });

  it('keeps both spans that share an id, as under b3', () => {
    const scene = new Scene();
    const [caller] = chain(scene, 1) as [SdkSpan];
    const { traceId, spanId, parentSpanId } = caller;
    const again = (kind: Kind, actor = caller.actor) =>
      new SdkSpan(actor, kind, traceId, spanId, parentSpanId, scene.now, []);
    scene.export(caller);
    scene.export(again('client'));
    scene.export(again('server', scene.stranger('price')));
    scene.export(again('server'));
    scene.settle();
    scene.export(again('client'));
    expect(scene.count('duplicate_spans')).toBe(2);
    expect(scene.spans.map((span) => [span.kind, span.spanId])).toEqual(
      ['SERVER', 'CLIENT', 'SERVER'].map((kind) => [kind, spanId]),
    );
  });

  it('is joined by an exchange whose header names one of its spans while it is held', () => {
    const scene = new Scene();
    const client = scene.start(scene.stranger('mobile'), 'client');
    scene.export(client);
    const nginx = scene.process('nginx');
    const call = scene.request(scene.connection(scene.stranger('mobile'), nginx), 'GET /', {
      traceparent: traceparent(client),
    });
    scene.advance(20);
    expect(scene.spans).toEqual([]);
    scene.respond(call);
    expect(scene.settle()).toEqual(['mobile client sdk', '  nginx server by wire_context']);
  });

  it('keeps its id where such an exchange comes after it has left', () => {
    const scene = new Scene();
    const [handler, inner] = chain(scene, 2, 'mobile') as [SdkSpan, SdkSpan];
    scene.export(handler);
    scene.settle();
    scene.exchange(scene.connection(scene.stranger('mobile'), scene.process('nginx')), 'GET /', {
      traceparent: traceparent(handler),
    });
    scene.export(handler, inner);
    scene.settle();
    expect(scene.count('duplicate_spans')).toBe(1);
    expect(scene.tree()).toEqual([
      'mobile server sdk',
      '  mobile internal sdk',
      '  nginx server by wire_context',
    ]);
  });

  it('is pushed out, the longest held first, where there is too much, and counted', () => {
    const scene = new Scene({ maxSpans: 10 });
    const first = chain(scene, 6);
    const second = chain(scene, 6);
    scene.export(...first);
    scene.export(...second);
    expect(scene.spans.map(({ traceId }) => traceId)).toEqual(first.map(({ traceId }) => traceId));
    expect(scene.count('pushed_out_trees')).toBe(1);
    scene.settle();
    expect(scene.released).toBe(12);
  });

  it('is pushed out before a tree that is held since later', () => {
    const scene = new Scene({ maxSpans: 10 });
    scene.export(...chain(scene, 6));
    const wire = scene.connection(scene.stranger('curl'), scene.process('nginx'));
    for (let i = 0; i < 5; i++) scene.exchange(wire);
    expect(scene.tree()).toEqual([
      'web server sdk',
      ...[1, 2, 3, 4, 5].map((depth) => `${'  '.repeat(depth)}web internal sdk`),
    ]);
  });

  it('stays as it came however long it is held and however much comes and goes meanwhile', () => {
    const scene = new Scene();
    const spans = chain(scene, 20, 'batch', 'long'.repeat(5000));
    for (const span of spans) {
      scene.export(span);
      for (let i = 0; i < 7; i++) {
        scene.export(...chain(scene, 5, 'web', String(i).repeat(50_000)));
        scene.advance(1);
      }
    }
    scene.settle();
    const left = scene.spans.filter(({ traceId }) => traceId === spans[0]!.traceId);
    expect(left.map(({ spanId }) => spanId)).toEqual(spans.map(({ spanId }) => spanId));
    for (const { attributes } of left) expect(attributes['a.text'] === 'long'.repeat(5000)).toBe(true);
    expect(scene.released).toBe(20 + 20 * 7 * 5);
  });

  it('tells under which id it leaves once that is decided', () => {
    const scene = new Scene();
    const [span] = chain(scene, 1) as [SdkSpan];
    expect(scene.correlator.traceFate(span.traceId)).toBe('unknown');
    scene.export(span);
    expect(scene.correlator.traceFate(span.traceId)).toBe('open');
    scene.settle();
    expect(scene.correlator.traceFate(span.traceId)).toEqual({ finalTraceId: span.traceId });
  });

  it('leaves at shutdown as it stands', () => {
    const scene = new Scene();
    scene.export(...chain(scene, 3));
    scene.correlator.shutdown();
    expect(scene.released).toBe(3);
  });
});

/** What is exported of which trace, after what time in seconds. */
const steps = fc.array(
  fc.record({
    trace: fc.nat(5),
    from: fc.nat(90),
    count: fc.integer({ min: 1, max: 90 }),
    wait: fc.constantFrom(0, 0.05, 0.3, 1, 4.4, 7, 10.2, 13),
  }),
  { minLength: 1, maxLength: 25 },
);

function textOf(span: Span): string {
  return JSON.stringify(span, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

describe('traces of which only SDKs tell', () => {
  it('leave when and as they would if they were decided like all others', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(200, 500_000), (played, maxSpans) => {
        const options = { maxAge: 30e9, lateWindow: 3600e9, maxSpans };
        const scenes = [new Scene(options), new Scene(options, () => ({}))] as const;
        const traces = scenes.map((scene) =>
          // Enough for memory to be used again.
          Array.from({ length: 6 }, (_, i) => chain(scene, 91, 'web', String(i).repeat(4000))),
        );
        for (const { trace, from, count, wait } of played) {
          scenes.forEach((scene, i) => {
            scene.export(...traces[i]![trace]!.slice(from, from + count));
            scene.advance(wait);
          });
          expect(scenes[0].released).toBe(scenes[1].released);
        }
        for (const scene of scenes) scene.correlator.shutdown();
        const [bytes, decided] = scenes.map((scene) => scene.spans.map(textOf).sort());
        expect(bytes).toEqual(decided);
        for (const counter of ['late_spans', 'duplicate_spans', 'pushed_out_trees'])
          expect(scenes[0].count(counter), counter).toBe(scenes[1].count(counter));
      }),
      { numRuns: 40 },
    );
  });
});
