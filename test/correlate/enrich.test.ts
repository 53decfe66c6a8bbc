import { describe, expect, it } from 'vitest';
import { Scene, traceparent } from './scene.ts';

function merged(attributes: Readonly<Record<string, string | number>> = {}) {
  const scene = new Scene();
  const web = scene.process('web', { runtime: 'node' });
  const wire = scene.connection(scene.stranger('app'), web);
  const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
  const call = scene.request(wire, 'GET /', { traceparent: traceparent(caller) });
  const handler = scene.start(web, 'server', caller, attributes);
  scene.end(handler);
  call.serverExchange!.retransmits = 2;
  scene.respond(call);
  scene.export(handler);
  scene.settle();
  return { scene, span: scene.span(handler.spanId)!, handler };
}

describe('enrich', () => {
  it('keeps one span, the SDK’s, and adds what only the kernel knows', () => {
    const { scene, span } = merged();
    expect(scene.spans).toHaveLength(1);
    expect(span.attributes).toMatchObject({
      'spanloom.queue_time': 10_000,
      'spanloom.first_byte': 40_000,
      'spanloom.last_byte': 40_000,
      'spanloom.request.bytes': 100,
      'spanloom.response.bytes': 50,
      'spanloom.retransmits': 2,
    });
  });

  it('leaves ids, parent and times of the SDK span alone', () => {
    const { span, handler, scene } = merged();
    expect(span).toMatchObject({ traceId: handler.traceId, parentSpanId: handler.parentSpanId });
    expect(span.startUnixNano).toBe(scene.clock.epochUnixNano + BigInt(handler.start));
    expect(span.endUnixNano).toBe(scene.clock.epochUnixNano + BigInt(handler.end!));
  });

  it('adds the peer only where the span does not name it', () => {
    expect(merged().span.attributes['network.peer.address']).toBe('10.0.0.1');
    for (const key of ['network.peer.address', 'net.sock.peer.addr', 'net.peer.ip']) {
      const { span } = merged({ [key]: '192.0.2.1' });
      expect(span.attributes[key]).toBe('192.0.2.1');
      expect(span.attributes['network.peer.port']).toBeUndefined();
    }
  });
});
