import { describe, expect, it } from 'vitest';
import type { UnreadReason } from '../../src/receiver/ebpf/exchange.ts';
import type { Actor } from '../correlate/actor.ts';
import { command, type Scene } from '../correlate/scene.ts';
import type { Wire } from '../correlate/wire.ts';
import { Examined } from './examined.ts';

function unread(scene: Scene, actor: Actor, wire: Wire, reason: UnreadReason): void {
  const { socket } = wire.client === actor ? wire.clientEnd : wire.serverEnd;
  scene.did(actor, { type: 'unread', reason, socket, process: actor.process, at: scene.tick() });
}

/** A service that serves one plain request, so that something was seen. */
function serving() {
  const examined = new Examined();
  const { scene } = examined;
  const stock = scene.process('stock');
  const inbound = scene.connection(scene.stranger('client'), stock);
  scene.exchange(inbound);
  return { examined, scene, stock, inbound };
}

describe('connections that are not read', () => {
  it('are told by service, by what they are and by where they lead', () => {
    const { examined, scene, stock } = serving();
    const database = scene.stranger('db');
    for (let i = 0; i < 2; i++) unread(scene, stock, scene.connection(stock, database), 'encrypted');
    unread(scene, stock, scene.connection(scene.stranger('client'), stock), 'http2');
    expect(examined.findings()).toMatchObject([
      {
        code: 'connections_encrypted',
        severity: 'notice',
        service: 'stock',
        peer: `10.0.0.2:${database.port}`,
        counts: { connections: 2 },
        seen: `2 connections of stock to 10.0.0.2:${database.port} are encrypted.`,
      },
      {
        code: 'connections_unread',
        service: 'stock',
        peer: null,
        seen: `1 connection to port ${stock.port} of stock is HTTP/2 (gRPC).`,
      },
    ]);
  });

  it.each(['first', 'afterwards'])('are not told where an SDK delivers over them, seen %s', (when) => {
    const { examined, scene } = serving();
    const web = scene.process('web', { runtime: 'node' });
    const socket = {
      ...scene.connection(web, scene.stranger('collector')).clientEnd.socket,
      localAddress: web.exporter.address,
      localPort: web.exporter.port,
    };
    const seen = () =>
      scene.did(web, { type: 'unread', reason: 'http2', socket, process: web.process, at: scene.tick() });
    if (when === 'first') seen();
    const span = scene.start(web, 'internal');
    scene.end(span);
    scene.export(span);
    if (when === 'afterwards') seen();
    expect(examined.named()).toEqual([]);
  });

  it('are not told where it is known what they became', () => {
    const { examined, scene, stock, inbound } = serving();
    unread(scene, stock, inbound, 'upgraded');
    expect(examined.named()).toEqual([]);
  });
});

describe('calls_unlinked', () => {
  it('names a service whose runtime does not let its calls be linked', () => {
    const examined = new Examined();
    const { scene } = examined;
    const web = scene.process('web', { runtime: 'node' });
    const request = scene.request(scene.connection(scene.stranger('client'), web));
    scene.exchange(scene.connection(web, scene.stranger('db')), command('redis', 'GET'));
    scene.respond(request);
    const [finding] = examined.findings();
    expect(finding).toMatchObject({
      code: 'calls_unlinked',
      severity: 'problem',
      service: 'web',
      counts: { calls: 1, unlinked: 1, ambiguous: 0 },
    });
    expect(finding!.seen).toContain('off for this runtime');
    expect(finding!.action).toContain('x-request-id');
  });

  it('says of a choice that stayed open that it did', () => {
    const examined = new Examined({ evidence: new Set(['request_id']) });
    const { scene } = examined;
    const stock = scene.process('stock');
    const id = { 'x-request-id': '7' };
    const requests = [1, 2].map(() =>
      scene.request(scene.connection(scene.stranger('client'), stock), 'GET /', id),
    );
    scene.exchange(scene.connection(stock, scene.stranger('api')), 'GET /', id);
    for (const request of requests) scene.respond(request);
    const [finding] = examined.findings();
    expect(finding).toMatchObject({ counts: { unlinked: 1, ambiguous: 1 } });
    expect(finding!.seen).toContain('for any of several requests');
  });

  it('is silent about calls made while no request was open, and about linked ones', () => {
    const { examined, scene, stock, inbound } = serving();
    const database = scene.connection(stock, scene.stranger('db'));
    scene.exchange(database, command('postgresql', 'SELECT'));
    const request = scene.request(inbound);
    scene.exchange(database, command('postgresql', 'SELECT'));
    scene.respond(request);
    expect(examined.named()).toEqual([]);
  });
});

describe('what the capture lost', () => {
  it.each([
    ['spanloom_ebpf_lost_events', {}, 'events_lost', 'problem'],
    ['spanloom_ebpf_incomplete_exchanges', { reason: 'gap' }, 'exchanges_cut', 'notice'],
    ['otelcol_receiver_refused_spans', {}, 'exchanges_refused', 'problem'],
    ['spanloom_correlate_pushed_out_trees', {}, 'traces_pushed_out', 'problem'],
  ])('is told where %s counts', (name, attributes, code, severity) => {
    const { examined, scene } = serving();
    scene.counters.counter(name, attributes).value = 3;
    const [finding, ...others] = examined.findings();
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code, severity, service: 'spanloom' });
    expect(finding!.seen).toContain('3 ');
  });

  it('is not told of exchanges that a closed connection ended', () => {
    const { examined, scene } = serving();
    scene.counters.counter('spanloom_ebpf_incomplete_exchanges', { reason: 'connection_closed' }).value = 3;
    expect(examined.named()).toEqual([]);
  });
});

describe('nothing_seen', () => {
  it('is a problem: where no request was seen there is no saying that all is well', () => {
    const examined = new Examined();
    expect(examined.report()).toMatchObject({ healthy: false, findings: [{ code: 'nothing_seen' }] });
    examined.scene.process('idle');
    expect(examined.findings()[0]!.seen).toContain('although processes were watched (1)');
  });
});
