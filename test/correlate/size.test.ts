import { describe, expect, it } from 'vitest';
import { MILLISECOND } from '../../src/collector/clock.ts';
import { command, Scene } from './scene.ts';

// Each of these takes minutes once a step costs as much as what is held is large.
describe('large', { timeout: 60_000 }, () => {
  it('a tree of 20 000 spans leaves, one exchange under the other', () => {
    const scene = new Scene();
    let from = scene.stranger('client');
    const calls = [];
    for (let i = 0; i < 10_000; i++) {
      const to = scene.process('service');
      calls.push(scene.request(scene.connection(from, to)));
      from = to;
    }
    for (const call of calls.reverse()) scene.respond(call);
    scene.advance(11);
    expect(scene.spans).toHaveLength(19_999);
    expect(new Set(scene.spans.map((span) => span.traceId)).size).toBe(1);
  });

  it('100 000 open exchanges of one thread are held, and end in any order', () => {
    const scene = new Scene();
    const server = scene.process('server');
    const client = scene.stranger('client');
    const calls = Array.from({ length: 100_000 }, () => scene.request(scene.connection(client, server)));
    for (const call of calls.reverse()) scene.respond(call);
    scene.advance(11);
    expect(scene.released).toBe(100_000);
  });

  it('20 000 SDK spans find their calls among as many without header', () => {
    const scene = new Scene();
    const web = scene.process('web', { runtime: 'node' });
    const wire = scene.connection(web, scene.stranger('redis'));
    const spans = Array.from({ length: 20_000 }, () => {
      const span = scene.start(web, 'client', undefined, { 'db.system': 'redis' });
      scene.exchange(wire, command('redis', 'GET'));
      scene.end(span);
      scene.clock.advanceTo(scene.now + 5 * MILLISECOND);
      return span;
    });
    for (let i = 0; i < spans.length; i += 500) scene.export(...spans.slice(i, i + 500));
    expect(scene.count('late_spans')).toBe(0);
    scene.advance(11);
    expect(scene.count('merged_exchanges')).toBeGreaterThan(1000);
  });

  it('a release is cut into requests that backends take', () => {
    const scene = new Scene();
    const wire = scene.connection(scene.stranger('client'), scene.process('server'));
    for (let i = 0; i < 10_000; i++) scene.exchange(wire);
    scene.correlator.shutdown();
    expect(scene.spans).toHaveLength(10_000);
    expect(Math.max(...scene.releases.map((body) => body.length))).toBeLessThan(2 ** 21);
  });
});
