import { describe, expect, it } from 'vitest';
import { Scene, traceparent } from './scene.ts';

describe('wire_context', () => {
  it('merges an SDK client span and the exchange whose header names it, with the kernel facts', () => {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const wire = scene.connection(web, scene.process('stock'));
    const handler = scene.start(web, 'server');
    const client = scene.start(web, 'client', handler);
    const call = scene.exchange(wire, 'GET /', { traceparent: traceparent(client) });
    scene.export(client, handler);
    expect(scene.settle()).toEqual(['web server sdk', '  web client sdk', '    stock server by peer']);
    expect(scene.span(client.spanId)!.attributes).toMatchObject({
      'spanloom.request.bytes': 100,
      'spanloom.response.bytes': 50,
      'network.peer.address': '10.0.0.2',
      'network.peer.port': wire.server.port,
    });
    expect(scene.span(call.clientSpanId)).toBeUndefined();
    expect(scene.count('merged_exchanges')).toBe(1);
  });

  it('says nothing when it is switched off', () => {
    const scene = new Scene({ evidence: new Set(['thread']) });
    const web = scene.process('web', { runtime: 'node' });
    const client = scene.start(web, 'client');
    const wire = scene.connection(web, scene.process('stock'));
    scene.exchange(wire, 'GET /', { traceparent: traceparent(client) });
    scene.export(client);
    expect(scene.settle()).toEqual(['web client sdk', 'web client', '  stock server by peer']);
  });

  it('puts an observed server under the caller that its header names, seen or not', () => {
    const scene = new Scene();
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
    const wire = scene.connection(scene.stranger('app'), scene.process('nginx'));
    scene.exchange(wire, 'GET /', { traceparent: traceparent(caller), tracestate: 'vendor=1' });
    expect(scene.settle()).toEqual(['nginx server by wire_context under 00f067aa0ba902b7']);
    expect(scene.traceIds()).toEqual([caller.traceId]);
  });

  it('puts the call under the SERVER or INTERNAL span its header names', () => {
    const scene = new Scene();
    const caddy = scene.process('caddy', { runtime: 'go' });
    const wire = scene.connection(caddy, scene.process('stock'));
    const handler = scene.start(caddy, 'server');
    scene.exchange(wire, 'GET /', { traceparent: traceparent(handler) });
    scene.export(handler);
    expect(scene.settle()).toEqual([
      'caddy server sdk',
      '  caddy client by wire_context',
      '    stock server by peer',
    ]);
  });

  it('puts each further call that carries the header of one CLIENT span under that span', () => {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const client = scene.start(web, 'client');
    const header = { traceparent: traceparent(client) };
    const first = scene.exchange(scene.connection(web, scene.stranger('stock')), 'GET /old', header);
    const redirected = scene.exchange(scene.connection(web, scene.stranger('stock')), 'GET /new', header);
    scene.export(client);
    expect(scene.settle()).toEqual(['web client sdk', '  web client by wire_context']);
    expect(scene.span(first.clientSpanId)).toBeUndefined();
    expect(scene.span(redirected.clientSpanId)).toBeDefined();
  });

  it('takes no word from a header of which a part was cut away, or which is no traceparent', () => {
    for (const headers of [
      { complete: false },
      { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01' },
      { traceparent: '00-00000000000000000000000000000000-00f067aa0ba902b7-01' },
      { traceparent: 'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
      { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more' },
      { traceparent: '00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01' },
    ]) {
      const scene = new Scene();
      scene.exchange(scene.connection(scene.stranger('app'), scene.process('nginx')), 'GET /', headers);
      expect(scene.settle()).toEqual(['nginx server']);
    }
  });

  it('reads later versions of traceparent as far as version 00 goes', () => {
    const scene = new Scene();
    const wire = scene.connection(scene.stranger('app'), scene.process('nginx'));
    scene.exchange(wire, 'GET /', {
      traceparent: '01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more',
    });
    scene.settle();
    expect(scene.traceIds()).toEqual(['4bf92f3577b34da6a3ce929d0e0e4736']);
  });

  it('does not hold a span of a call that another process made for the span of this one', () => {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const nginx = scene.process('nginx');
    const client = scene.start(web, 'client');
    const header = { traceparent: traceparent(client) };
    const inner = scene.connection(nginx, scene.stranger('stock'));
    const incoming = scene.request(scene.connection(web, nginx), 'GET /', header);
    scene.respond(scene.request(inner, 'GET /', header));
    scene.respond(incoming);
    scene.export(client);
    expect(scene.settle()).toEqual([
      'web client sdk',
      '  nginx server by peer',
      '    nginx client by forwarded_context',
    ]);
  });
});

describe('sampling and trace state', () => {
  it('emits no zero-code span for a trace that was sampled out', () => {
    const scene = new Scene();
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
    const nginx = scene.process('nginx');
    const incoming = scene.request(scene.connection(scene.stranger('app'), nginx), 'GET /', {
      traceparent: traceparent(caller, false),
    });
    scene.exchange(scene.connection(nginx, scene.process('stock')), 'GET /');
    scene.respond(incoming);
    expect(scene.settle()).toEqual([]);
    expect(scene.count('not_emitted', { reason: 'sampled_out_or_unmatched' })).toBe(3);
  });

  it('hangs nothing under an exchange that it decided not to show, whatever comes later', () => {
    const scene = new Scene({ maxAge: 20e9 });
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
    const stock = scene.process('stock', { runtime: 'python' });
    const incoming = scene.request(scene.connection(scene.stranger('app'), stock), 'GET /', {
      traceparent: traceparent(caller, false),
    });
    scene.advance(21);
    scene.export(scene.start(stock, 'internal', caller));
    const call = scene.exchange(scene.connection(stock, scene.stranger('price')), 'GET /');
    scene.respond(incoming);
    scene.advance(31);
    expect(scene.span(incoming.serverSpanId)).toBeUndefined();
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe(caller.spanId);
  });

  it('shows a tree of which a part is sampled, in another trace', () => {
    const scene = new Scene();
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
    const stock = scene.process('stock');
    const incoming = scene.request(scene.connection(scene.stranger('app'), stock), 'GET /', {
      traceparent: traceparent(caller),
    });
    const price = scene.connection(stock, scene.process('price'));
    scene.exchange(price, 'GET /price');
    scene.respond(incoming);
    expect(scene.settle()).toHaveLength(3);
  });

  it('lets a chain of thousands of sampled-out exchanges go', () => {
    const scene = new Scene();
    let inner = scene.process('p0');
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
    scene.request(scene.connection(scene.stranger('app'), inner), 'GET /', {
      traceparent: traceparent(caller, false),
    });
    for (let i = 1; i < 6000; i++) {
      const next = scene.process(`p${i}`);
      scene.request(scene.connection(inner, next), 'GET /');
      inner = next;
    }
    scene.advance(301);
    expect(scene.spans).toEqual([]);
  });

  it('keeps the trace state that came with the header', () => {
    const scene = new Scene();
    const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };
    const wire = scene.connection(scene.stranger('app'), scene.process('nginx'));
    scene.exchange(wire, 'GET /', { traceparent: traceparent(caller), tracestate: 'vendor=1,other=2' });
    scene.settle();
    expect(Buffer.from(scene.releases[0]!).includes('vendor=1,other=2')).toBe(true);
  });
});
