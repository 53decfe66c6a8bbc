import { describe, expect, it } from 'vitest';
import { Scene } from './scene.ts';
import { encodeExport } from './sdk.ts';

describe('the first batch over a new connection', () => {
  /** Two processes of one name and no pid in the resource: only the connection tells whose batch it is. */
  function play(toldAfterSeconds: number) {
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
    // What other batches bring meanwhile lets go of nothing.
    scene.advance(toldAfterSeconds / 2);
    scene.export(scene.start(scene.process('other'), 'internal'));
    scene.advance(toldAfterSeconds / 2);
    const socket = { ...wire.clientEnd.socket, localAddress: exporter.address, localPort: exporter.port };
    scene.did(price, { type: 'connection', state: 'open', socket, process, at: scene.now });
    return scene;
  }

  it.each([0.005, 4])(
    'finds its process when the capture tells of the connection %s seconds later',
    (seconds) => {
      expect(play(seconds).settle().sort()).toEqual([
        '  price server sdk by peer',
        'other internal sdk',
        'stock client',
      ]);
    },
  );
});
