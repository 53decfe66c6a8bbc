import { describe, expect, it } from 'vitest';
import { Scene, traceparent } from './scene.ts';
import type { SdkSpan } from './sdk.ts';

/** What is exported of a trace in which an exchange takes part, or of one that only SDKs tell of. */
const WAYS: [string, (scene: Scene, span: SdkSpan) => void][] = [
  ['a trace of SDKs only', () => {}],
  [
    'a trace with exchanges',
    (scene, span) =>
      scene.exchange(scene.connection(scene.stranger('app'), scene.process('api')), 'GET /', {
        traceparent: traceparent(span),
      }),
  ],
];

describe.each(WAYS)('of %s', (_, accompany) => {
  function played(kind: 'client' | 'internal' = 'client') {
    const scene = new Scene();
    const span = scene.start(scene.process('web', { exporterSeen: false, observed: false }), kind);
    accompany(scene, span);
    scene.end(span);
    return { scene, span };
  }

  const shown = (scene: Scene) => scene.spans.filter((span) => span.scope === 'sdk');

  it('a batch that is sent twice leaves once', () => {
    const { scene, span } = played();
    scene.export(span);
    scene.export(span);
    scene.settle();
    expect(shown(scene)).toHaveLength(1);
    expect(scene.count('duplicate_spans')).toBe(1);
  });

  it('a batch that is sent again after it has left does not leave again', () => {
    const { scene, span } = played();
    scene.export(span);
    scene.settle();
    scene.export(span);
    scene.settle();
    expect(shown(scene)).toHaveLength(1);
    expect(scene.count('duplicate_spans')).toBe(1);
  });

  it('spans of two services that share an id (b3) both leave, whenever they come', () => {
    for (const between of [0, 30]) {
      const { scene, span } = played();
      const shared = Object.assign(scene.start(scene.process('api', { observed: false }), 'client', span), {
        spanId: span.spanId,
        parentSpanId: '',
      });
      scene.end(shared);
      scene.export(span);
      scene.advance(between);
      scene.export(shared);
      scene.settle();
      expect(shown(scene)).toHaveLength(2);
    }
  });

  it('spans of one service of two kinds that share an id both leave, whenever they come', () => {
    for (const between of [0, 30]) {
      const { scene, span } = played();
      const shared = Object.assign(scene.start(span.actor, 'server', span), {
        spanId: span.spanId,
        parentSpanId: '',
      });
      scene.end(shared);
      scene.export(span);
      scene.advance(between);
      scene.export(shared);
      scene.settle();
      expect(shown(scene)).toHaveLength(2);
    }
  });
});
