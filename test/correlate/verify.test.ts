import { describe, expect, it } from 'vitest';
import { EVIDENCE as ALL } from '../../src/correlate/link/rule.ts';
import type { CorrelateOptions } from '../../src/correlate/options.ts';
import { Random } from './random.ts';
import { Scene } from './scene.ts';
import { Shop } from './shop.ts';

const EVIDENCE = new Set(['request_id', 'thread'] as const);
const VERIFY = { sample: 1, bar: 0.99, window: 1000 };

function verified(options: Partial<CorrelateOptions> = {}) {
  const scene = new Scene({ verify: VERIFY, evidence: EVIDENCE, ...options });
  const count = (result: string, service: string, evidence: string) =>
    scene.count(`verify_${result}`, { service, evidence });
  return { scene, switched: scene.switched, count };
}

/**
 * Requests that two threads work on at a time. Each call carries its request's id; those of a `crossed` pair are made on each
 * other's thread.
 */
function servePairs(scene: Scene, app: ReturnType<Scene['process']>, pairs: number, crossed: boolean): void {
  const web = scene.stranger('web');
  const api = scene.stranger('api');
  for (let i = 0; i < pairs; i++) {
    const threads = [app.thread(), app.thread()] as const;
    const requests = threads.map((thread, n) =>
      scene
        .call(scene.connection(web, app), 'GET /', { 'x-request-id': `${scene.now}-${n}` })
        .serverReads(thread),
    );
    requests.forEach((request, n) => {
      const id = request.said.request.requestIds[0]![1];
      const thread = threads[crossed ? 1 - n : n]!;
      scene
        .call(scene.connection(app, api), 'GET /', { 'x-request-id': id })
        .clientWrites(thread)
        .clientReads();
    });
    for (const request of requests) request.serverWrites();
  }
  scene.advance(11);
}

describe('verify', () => {
  it('judges evidence by what the wire tells, per service', () => {
    const { scene, switched, count } = verified();
    const app = scene.process('app', { runtime: 'java' });
    servePairs(scene, app, 50, false);
    expect(count('right', 'app', 'thread')).toBe(100);
    expect(count('wrong', 'app', 'thread') + count('missing', 'app', 'thread')).toBe(0);
    expect(count('right', 'app', 'all')).toBe(100);
    expect(scene.gauge('verify_precision', { service: 'app', evidence: 'thread' })).toBe(1);
    expect(scene.gauge('verify_recall', { service: 'app', evidence: 'thread' })).toBe(1);
    expect(switched).toEqual([]);
  });

  it('switches off within a thousand calls what is wrong, links nothing by it then, and says so once', () => {
    const { scene, switched, count } = verified();
    const app = scene.process('app', { runtime: 'java' });
    servePairs(scene, app, 50, true);
    expect(count('wrong', 'app', 'thread')).toBe(100);
    expect(switched).toMatchObject([{ service: 'app', evidence: 'thread', off: true, precision: 0 }]);
    expect(switched[0]!.judged).toBeLessThanOrEqual(1000);
    expect(scene.gauge('verify_off', { service: 'app', evidence: 'thread' })).toBe(1);
  });

  it('switches off what is wrong for a share only, and leaves other services alone', () => {
    const { scene, switched } = verified();
    const app = scene.process('app', { runtime: 'java' });
    const other = scene.process('other', { runtime: 'java' });
    for (let i = 0; i < 50; i++) {
      servePairs(scene, app, 9, false);
      servePairs(scene, app, 1, true);
      servePairs(scene, other, 1, false);
    }
    expect(switched.map(({ service, off }) => [service, off])).toEqual([['app', true]]);
    const thread = other.thread();
    const request = scene.call(scene.connection(scene.stranger('web'), other)).serverReads(thread);
    const call = scene
      .call(scene.connection(other, scene.stranger('api')))
      .clientWrites(thread)
      .clientReads();
    request.serverWrites();
    scene.settle();
    expect(scene.span(call.clientSpanId)!.attributes['spanloom.link.evidence']).toBe('thread');
  });

  it('goes on judging what is off, and lets it come back when it is right again', () => {
    const { scene, switched, count } = verified();
    const app = scene.process('app', { runtime: 'java' });
    servePairs(scene, app, 50, true);
    servePairs(scene, app, 560, false);
    expect(count('right', 'app', 'thread')).toBe(1120);
    expect(switched.map(({ off }) => off)).toEqual([true, false]);
    // What one process has lost of trust is its own.
    const restarted = scene.process('app', { runtime: 'java' });
    const thread = restarted.thread();
    const request = scene.call(scene.connection(scene.stranger('web'), restarted)).serverReads(thread);
    const call = scene
      .call(scene.connection(restarted, scene.stranger('api')))
      .clientWrites(thread)
      .clientReads();
    request.serverWrites();
    scene.settle();
    expect(scene.span(call.clientSpanId)!.attributes['spanloom.link.evidence']).toBe('thread');
  });

  it('makes a call that what is off would link a call without link', () => {
    const { scene } = verified();
    const app = scene.process('app', { runtime: 'java' });
    servePairs(scene, app, 50, true);
    const restarted = scene.process('app', { runtime: 'java' });
    const thread = restarted.thread();
    const request = scene.call(scene.connection(scene.stranger('web'), restarted)).serverReads(thread);
    const call = scene
      .call(scene.connection(restarted, scene.stranger('api')))
      .clientWrites(thread)
      .clientReads();
    request.serverWrites();
    scene.settle();
    expect(scene.span(call.clientSpanId)!.parentSpanId).toBe('');
  });

  it('verifies a share of the calls, the same ones each time', () => {
    const judged = () => {
      const { scene, count } = verified({ verify: { ...VERIFY, sample: 0.2 } });
      servePairs(scene, scene.process('app', { runtime: 'java' }), 500, false);
      return count('right', 'app', 'thread');
    };
    const first = judged();
    expect(first / 1000).toBeGreaterThan(0.15);
    expect(first / 1000).toBeLessThan(0.25);
    expect(judged()).toBe(first);
  });

  it('agrees with what simulated shops know', () => {
    let right = 0;
    let wrong = 0;
    for (let seed = 1; seed <= 5; seed++) {
      const { scene, switched } = verified({ evidence: new Set(ALL) });
      new Shop(scene, new Random(seed)).play(60, 1);
      scene.advance(400);
      expect(switched).toEqual([]);
      for (const { name, attributes, value } of scene.counters.entries()) {
        if (attributes.evidence !== 'thread') continue;
        if (name === 'spanloom_correlate_verify_right') right += value;
        if (name === 'spanloom_correlate_verify_wrong') wrong += value;
      }
    }
    // Threads serve one request each there: nothing that the rule says is wrong.
    expect(wrong).toBe(0);
    expect(right).toBeGreaterThan(30);
  });

  it('counts nothing where it is switched off', () => {
    const { scene, count } = verified({ verify: undefined });
    servePairs(scene, scene.process('app', { runtime: 'java' }), 5, false);
    expect(count('right', 'app', 'thread')).toBe(0);
  });
});
