import { describe, expect, it } from 'vitest';
import { Scene } from './scene.ts';
import { encodeExport } from './sdk.ts';

describe('the first batch over a new connection', () => {
  /** Two processes of one name and no pid in the resource: only the connection tells whose batch it is. */
  function play() {
    const scene = new Scene();
    const stock = scene.process('stock', { runtime: 'python' });
    scene.process('price');
    const price = scene.process('price', { exporterSeen: false });
    const wire = scene.connection(stock, price);
    const call = scene.request(wire, 'GET /price');
    const handler = scene.start(price, 'server', undefined, { 'network.peer.port': wire.clientPort });
    scene.end(handler);
    scene.respond(call);
    scene.advance(5);
    const { exporter, process } = price;
    scene.receive(encodeExport(scene.clock.epochUnixNano, [handler], [['service.name', 'price']]), exporter);
    scene.advance(0.005);
    const socket = { ...wire.clientEnd.socket, localAddress: exporter.address, localPort: exporter.port };
    scene.did(price, { type: 'connection', state: 'open', socket, process, at: scene.now });
    return scene;
  }

  it('finds its process when the capture tells of the connection some milliseconds later', () => {
    expect(play().settle()).toEqual(['stock client', '  price server sdk by peer']);
  });
});
