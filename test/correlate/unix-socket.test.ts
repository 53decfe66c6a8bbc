import { describe, expect, it } from 'vitest';
import { Scene } from './scene.ts';

function proxied() {
  const scene = new Scene();
  const [front, back] = [scene.process('front'), scene.process('back')];
  return { scene, wire: scene.unixConnection(front, back) };
}

describe('the two ends of a Unix connection', () => {
  it('are tied at the same position', () => {
    const { scene, wire } = proxied();
    scene.exchange(wire, 'GET /a');
    expect(scene.settle()).toEqual(['front client', '  back server by peer']);
  });

  it.each(['clientExchange', 'serverExchange'] as const)(
    'are not tied where the %s is not sure to count as the other end does',
    (end) => {
      const { scene, wire } = proxied();
      const call = scene.call(wire, 'GET /a');
      scene.inOneDrain(() => {
        call.clientWrites().serverReads();
        call[end]!.unaligned = true;
      });
      scene.respond(call);
      expect(scene.settle()).toEqual(['front client', 'back server']);
    },
  );

  it('are not tied where the request was read after the call had ended', () => {
    const { scene, wire } = proxied();
    const call = scene.call(wire, 'GET /a');
    call.clientWrites().clientReads();
    call.serverReads().serverWrites();
    expect(scene.settle()).toEqual(['front client', 'back server']);
  });

  it('are tied where the server was done before the record of the write came', () => {
    const { scene, wire } = proxied();
    const call = scene.call(wire, 'GET /a');
    call.serverReads().serverWrites();
    call.clientWrites().clientReads();
    expect(scene.settle()).toEqual(['front client', '  back server by peer']);
  });
});

describe('spans on Unix sockets', () => {
  it('have the name of the socket instead of addresses and ports', () => {
    const { scene, wire } = proxied();
    scene.exchange(wire, 'GET /a');
    scene.settle();
    const [client, server] = ['CLIENT', 'SERVER'].map(
      (kind) => scene.spans.find((span) => span.kind === kind)!,
    );
    expect(client!.attributes).toMatchObject({
      'network.transport': 'unix',
      'network.peer.address': '/run/app.sock',
      'server.address': '/run/app.sock',
    });
    expect(server!.attributes).toMatchObject({
      'network.transport': 'unix',
      'network.local.address': '/run/app.sock',
      'server.address': '/run/app.sock',
    });
    for (const { attributes } of [client!, server!])
      expect(
        Object.keys(attributes).filter((key) => /\bport$/.test(key) || key.startsWith('client.')),
      ).toEqual([]);
    expect(server!.attributes['network.peer.address']).toBeUndefined();
  });

  it('of an SDK are matched whatever port the SDK was told of', () => {
    const { scene, wire } = proxied();
    const call = scene.request(wire, 'GET /a');
    const span = scene.start(wire.server, 'server', undefined, {
      'http.request.method': 'GET',
      'network.peer.port': 4711,
    });
    scene.end(span);
    scene.respond(call);
    scene.export(span);
    expect(scene.settle()).toEqual(['front client', '  back server sdk by peer']);
  });

  it('of an SDK get the kernel facts and the name of the socket called', () => {
    const { scene, wire } = proxied();
    const span = scene.start(wire.client, 'client', undefined, { 'http.request.method': 'GET' });
    scene.exchange(wire, 'GET /a', { traceparent: `00-${span.traceId}-${span.spanId}-01` });
    scene.end(span);
    scene.export(span);
    scene.settle();
    expect(scene.span(span.spanId)!.attributes).toMatchObject({
      'network.transport': 'unix',
      'network.peer.address': '/run/app.sock',
    });
  });

  it('do not tell whose an OTLP connection is', () => {
    const scene = new Scene();
    const app = scene.process('app', { exporterSeen: false });
    const other = scene.process('other');
    const { socket } = scene.unixConnection(other, app).clientEnd;
    scene.did(other, { type: 'connection', state: 'open', socket, process: other.process, at: scene.now });
    const wire = scene.connection(other, app);
    const call = scene.request(wire, 'GET /a');
    const span = scene.start(app, 'server', undefined, { 'http.request.method': 'GET' });
    scene.end(span);
    scene.respond(call);
    scene.export(span);
    expect(scene.settle()).toEqual(['other client', '  app server sdk by peer']);
  });
});
