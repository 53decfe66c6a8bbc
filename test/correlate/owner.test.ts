import { describe, expect, it } from 'vitest';
import type { AttributeEntry } from '../../src/otlp/attributes.ts';
import type { ActorOptions } from './actor.ts';
import { EPOCH, Scene } from './scene.ts';
import { encodeExport } from './sdk.ts';

/** Whether a SERVER span exported with these attributes, over this connection, is known to be the process's. */
function isKnown(
  resource: readonly AttributeEntry[],
  options: { app?: ActorOptions; other?: ActorOptions; via?: 'own' | 'gateway' | 'unknown' } = {},
): boolean {
  const scene = new Scene();
  const app = scene.process('app', { pids: [41], ...options.app });
  const gateway = scene.process('gateway', { pids: [77], ...options.other });
  const wire = scene.connection(scene.stranger('client'), app);
  const call = scene.request(wire);
  const span = scene.start(app, 'server', undefined, { 'network.peer.port': wire.clientPort });
  scene.end(span);
  scene.respond(call);
  const via = options.via ?? 'unknown';
  const peer = via === 'own' ? app.exporter : via === 'gateway' ? gateway.exporter : undefined;
  scene.receive(encodeExport(EPOCH, [span], resource), peer);
  scene.settle();
  return scene.span(call.serverSpanId) === undefined;
}

describe('the process that sent an OTLP batch', () => {
  it('is the owner of the connection it came over', () => {
    expect(isKnown([['service.name', 'renamed']], { via: 'own' })).toBe(true);
  });

  it('is nobody where neither connection, pid nor service name is known', () => {
    expect(isKnown([['service.name', 'renamed']])).toBe(false);
    expect(isKnown([['service.name', 'renamed']], { via: 'gateway' })).toBe(false);
  });

  it('is the process of the id its resource states', () => {
    expect(isKnown([['process.pid', 41]])).toBe(true);
    expect(isKnown([['process.pid', 42]])).toBe(false);
  });

  it('is that process also where a gateway delivers for it', () => {
    expect(isKnown([['process.pid', 41]], { via: 'gateway' })).toBe(true);
  });

  it('is found by its id inside a pid namespace, where the service name says the same', () => {
    const app = { pids: [4000, 7] };
    const id: AttributeEntry = ['process.pid', 7];
    expect(isKnown([id], { app })).toBe(true);
    expect(isKnown([id, ['service.name', 'app']], { app })).toBe(true);
    expect(isKnown([id, ['service.name', 'another']], { app })).toBe(false);
  });

  it('is nobody where two namespaces have that id', () => {
    expect(isKnown([['process.pid', 7]], { app: { pids: [4000, 7] }, other: { pids: [5000, 7] } })).toBe(
      false,
    );
  });

  it('is the only process of that service name', () => {
    expect(isKnown([['service.name', 'app']])).toBe(true);
  });

  it('is found once the capture tells of it, at the latest before its spans leave', () => {
    const scene = new Scene();
    const app = scene.process('app', { observed: false });
    const wire = scene.connection(scene.process('client'), app);
    const span = scene.start(app, 'server', undefined, { 'network.peer.port': wire.clientPort });
    const call = scene.call(wire).clientWrites();
    scene.end(span);
    scene.export(span);
    const seen = Object.assign(Object.create(app), { observed: true });
    scene.did(seen, { type: 'process', process: app.process, at: scene.now });
    const server = scene.call(Object.assign(wire, { server: seen, position: call.position })).serverReads();
    server.serverWrites();
    call.clientReads();
    scene.settle();
    expect(scene.span(span.spanId)!.attributes['spanloom.last_byte']).toBeGreaterThan(0);
  });
});
