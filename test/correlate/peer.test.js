import { describe, expect, it } from 'vitest';
import { Scene } from './scene.js';
describe('the two ends of a connection', () => {
    it('are one trace, the server under the client', () => {
        const scene = new Scene();
        const wire = scene.connection(scene.process('curl'), scene.process('nginx'));
        scene.exchange(wire);
        expect(scene.settle()).toEqual(['curl client', '  nginx server by peer']);
        expect(scene.traceIds()).toHaveLength(1);
    });
    it('are joined by position, one pair for each request of a connection', () => {
        const scene = new Scene();
        const wire = scene.connection(scene.process('curl'), scene.process('nginx'));
        for (let i = 0; i < 3; i++)
            scene.exchange(wire);
        scene.settle();
        expect(scene.traceIds()).toHaveLength(3);
        expect(scene.tree()).toEqual(Array(3).fill(['curl client', '  nginx server by peer']).flat());
    });
    it('are joined whichever end is seen first', () => {
        const scene = new Scene();
        const wire = scene.connection(scene.process('curl'), scene.process('nginx'));
        const call = scene.call(wire).serverReads().clientWrites();
        call.serverWrites().clientReads();
        scene.settle();
        expect(scene.span(call.serverSpanId).parentSpanId).toBe(call.clientSpanId);
    });
    it('nest in time even where the client was recorded after the server', () => {
        const scene = new Scene();
        const wire = scene.connection(scene.process('curl'), scene.process('nginx'));
        const call = scene.call(wire).serverReads().clientWrites();
        call.clientReads().serverWrites();
        scene.settle();
        const client = scene.span(call.clientSpanId);
        const server = scene.span(call.serverSpanId);
        expect(server.startUnixNano).toBe(client.startUnixNano);
        expect(server.endUnixNano).toBe(client.endUnixNano);
    });
    it('keep a trace of their own where only one end is observed', () => {
        const scene = new Scene();
        const wire = scene.connection(scene.stranger('curl'), scene.process('nginx'));
        scene.exchange(wire);
        expect(scene.settle()).toEqual(['nginx server']);
    });
});
