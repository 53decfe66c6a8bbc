import { describe, expect, it } from 'vitest';
import { command, traceparent } from '../correlate/scene.ts';
import { Examined } from './examined.ts';

const WEB = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
const HEADER = { traceparent: traceparent(WEB) };

/** A service that got a request with a context, and one that it calls for it. */
function relaying(options: { runtime?: 'native' | 'node' } = {}) {
  const examined = new Examined();
  const { scene } = examined;
  const stock = scene.process('stock', options);
  const price = scene.process('price');
  const inbound = scene.connection(scene.stranger('web'), stock);
  return { examined, scene, stock, price, inbound, outbound: scene.connection(stock, price) };
}

describe('context_dropped', () => {
  it('names a service that got a context and calls without one', () => {
    const { examined, scene, inbound, outbound } = relaying();
    for (let i = 0; i < 2; i++) {
      const request = scene.request(inbound, 'GET /stock', HEADER);
      scene.exchange(outbound, 'GET /price');
      scene.respond(request);
    }
    const [finding] = examined.findings();
    expect(finding).toMatchObject({
      code: 'context_dropped',
      severity: 'problem',
      service: 'stock',
      peer: 'price',
      peer_role: 'callee',
      counts: { calls: 2, dropped: 2 },
    });
    expect(finding!.seen).toContain('it came with traceparent');
    expect(finding!.examples).toHaveLength(2);
    expect(scene.span(finding!.examples[0]!.span_id)).toMatchObject({
      traceId: finding!.examples[0]!.trace_id,
      kind: 'CLIENT',
    });
  });

  it('counts the calls that carried it on beside those that did not', () => {
    const { examined, scene, inbound, outbound } = relaying();
    const request = scene.request(inbound, 'GET /stock', HEADER);
    scene.exchange(outbound, 'GET /price', HEADER);
    scene.exchange(outbound, 'GET /price');
    scene.respond(request);
    expect(examined.findings()[0]).toMatchObject({ counts: { calls: 2, dropped: 1 } });
  });

  it('names a service whose SDK made spans but sent no context', () => {
    const { examined, scene, stock, inbound, outbound } = relaying();
    const request = scene.request(inbound, 'GET /stock');
    const handler = scene.start(stock, 'server', undefined, { 'network.peer.port': inbound.clientPort });
    scene.exchange(outbound, 'GET /price');
    scene.end(handler);
    scene.respond(request);
    scene.export(handler);
    const [finding] = examined.findings();
    expect(finding).toMatchObject({ code: 'context_dropped', service: 'stock' });
    expect(finding!.seen).toContain('its SDK made spans of it');
    expect(finding!.action).toContain('Instrument the HTTP client');
  });

  it('names a service whose calls cannot be linked when each request came with a context and no call ever carries one', () => {
    const { examined, scene, inbound, outbound } = relaying({ runtime: 'node' });
    const request = scene.request(inbound, 'GET /stock', HEADER);
    scene.exchange(outbound, 'GET /price');
    scene.respond(request);
    expect(examined.named()).toContain('context_dropped stock -> price');
  });

  it.each([
    ['got none itself', {}, {}, 'GET /price'],
    ['passes it on', HEADER, HEADER, 'GET /price'],
    ['was seen with its headers cut', HEADER, { complete: false }, 'GET /price'],
    ['speaks a protocol without contexts', HEADER, {}, undefined],
  ])('is silent about a service that %s', (_, came, went, line) => {
    const { examined, scene, inbound, outbound } = relaying();
    const request = scene.request(inbound, 'GET /stock', came);
    scene.exchange(outbound, line ?? command('redis', 'GET'), went);
    scene.respond(request);
    expect(examined.named()).toEqual([]);
  });

  it('is silent about a background call of a service that passes contexts on', () => {
    const { examined, scene, inbound, outbound } = relaying({ runtime: 'node' });
    const request = scene.request(inbound, 'GET /stock', HEADER);
    scene.exchange(outbound, 'GET /price', HEADER);
    scene.exchange(outbound, 'GET /refresh');
    scene.respond(request);
    expect(examined.named()).not.toContain('context_dropped stock -> price');
  });
});

/** A service with an SDK answers the call of `stock`. */
function answering(header: { traceparent?: string }) {
  const relay = relaying();
  const { scene, price, inbound, outbound } = relay;
  const request = scene.request(inbound, 'GET /stock', HEADER);
  const call = scene.request(outbound, 'GET /price', header);
  const attributes = { 'http.request.method': 'GET', 'network.peer.port': outbound.clientPort };
  return {
    ...relay,
    request,
    call,
    attributes,
    handled: () => scene.start(price, 'server', undefined, attributes),
  };
}

describe('trace_restarted', () => {
  it('names a service whose SDK began a trace because no context came, and who lost it', () => {
    const { examined, scene, request, call, handled } = answering({});
    const handler = handled();
    scene.end(handler);
    scene.respond(call);
    scene.respond(request);
    scene.export(handler);
    const finding = examined.findings().find(({ code }) => code === 'trace_restarted');
    expect(finding).toMatchObject({ service: 'price', peer: 'stock', counts: { requests: 1, restarted: 1 } });
    expect(finding!.action).toContain('make stock pass the context on');
    expect(finding!.examples).toEqual([{ trace_id: WEB.traceId, span_id: handler.spanId }]);
  });

  it('names the service that lost the context behind one that never got it', () => {
    const { examined, scene, stock, request, call } = answering({});
    const middle = scene.process('middle');
    const price = scene.process('late-price');
    const toMiddle = scene.connection(stock, middle);
    const toPrice = scene.connection(middle, price);
    const first = scene.request(toMiddle, 'GET /m');
    const second = scene.request(toPrice, 'GET /p');
    const handler = scene.start(price, 'server', undefined, { 'network.peer.port': toPrice.clientPort });
    scene.end(handler);
    scene.respond(second);
    scene.respond(first);
    scene.respond(call);
    scene.respond(request);
    scene.export(handler);
    const finding = examined.findings().find(({ code }) => code === 'trace_restarted');
    expect(finding).toMatchObject({ service: 'late-price', peer: 'middle' });
    expect(finding!.seen).toContain('from middle, which got none from stock');
    expect(examined.named()).not.toContain('context_dropped middle -> late-price');
  });

  it('is silent where nobody before had a trace', () => {
    const examined = new Examined();
    const { scene } = examined;
    const proxy = scene.process('proxy');
    const web = scene.process('web', { runtime: 'node' });
    const wire = scene.connection(proxy, web);
    const outer = scene.request(scene.connection(scene.stranger('client'), proxy));
    const call = scene.request(wire);
    const handler = scene.start(web, 'server', undefined, { 'network.peer.port': wire.clientPort });
    scene.end(handler);
    scene.respond(call);
    scene.respond(outer);
    scene.export(handler);
    expect(examined.named()).toEqual([]);
  });
});

describe('context_ignored', () => {
  it('names a service whose SDK began a trace although a context came, and what it has to read', () => {
    const { examined, scene, request, call, handled } = answering(HEADER);
    const handler = handled();
    scene.end(handler);
    scene.respond(call);
    scene.respond(request);
    scene.export(handler);
    const [finding, ...others] = examined.findings();
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: 'context_ignored',
      severity: 'problem',
      service: 'price',
      peer: 'stock',
      counts: { ignored: 1 },
    });
    expect(finding!.action).toContain('OTEL_PROPAGATORS has to name tracecontext');
  });

  it('tells requests of one connection apart that follow each other within the clock step', () => {
    const { examined, scene, price, outbound, request, call, attributes } = answering(HEADER);
    const handlers = [call, ...Array.from({ length: 5 }, () => undefined)].map((first) => {
      const played = first ?? scene.request(outbound, 'GET /price', HEADER);
      const handler = scene.start(price, 'server', undefined, attributes);
      scene.end(handler);
      scene.respond(played);
      return handler;
    });
    scene.respond(request);
    scene.export(...handlers);
    expect(examined.findings()).toMatchObject([{ code: 'context_ignored', counts: { ignored: 6 } }]);
  });

  it('takes the nearest request, so that the one without any span is known', () => {
    const { examined, scene, price, outbound, request, call, attributes } = answering(HEADER);
    scene.respond(call);
    const second = scene.request(outbound, 'GET /price', HEADER);
    const handler = scene.start(price, 'server', undefined, attributes);
    scene.end(handler);
    scene.respond(second);
    scene.respond(request);
    scene.export(handler);
    const missing = examined.findings().find(({ code }) => code === 'spans_missing');
    expect(missing).toMatchObject({ counts: { requests: 2, missing_sampled: 1 } });
    expect(missing!.examples).toEqual([{ trace_id: WEB.traceId, span_id: call.serverSpanId }]);
  });

  it('is silent where the SDK takes the context over', () => {
    const { examined, scene, price, request, call, attributes } = answering(HEADER);
    const handler = scene.start(price, 'server', WEB, attributes);
    scene.end(handler);
    scene.respond(call);
    scene.respond(request);
    scene.export(handler);
    expect(examined.named()).toEqual([]);
  });

  it('is silent where the span that begins a trace may describe either of two requests', () => {
    const { examined, scene, price, stock, request, call } = answering(HEADER);
    const other = scene.request(scene.connection(stock, price), 'GET /price', HEADER);
    const handler = scene.start(price, 'server', undefined, {
      'http.request.method': 'GET',
      'url.path': '/price',
    });
    scene.end(handler);
    scene.respond(other);
    scene.respond(call);
    scene.respond(request);
    scene.export(handler);
    expect(examined.named()).not.toContain('context_ignored stock -> price');
  });
});
