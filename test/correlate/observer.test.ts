import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/correlate/link/rule.ts';
import type { MergeObserver } from '../../src/correlate/observer.ts';
import { command, Scene, traceparent } from './scene.ts';

/** What was said of calls, in short. */
class Words implements MergeObserver {
  readonly words: string[] = [];
  readonly outcomes: string[] = [];
  readonly decisions: string[] = [];
  said: NonNullable<MergeObserver['said']> = (_client, evidence, verdict, why) => {
    const what = verdict === undefined ? 'silent' : 'cause' in verdict ? 'cause' : 'ambiguous';
    this.words.push([evidence, what, why].filter(Boolean).join(' '));
  };
  linking: NonNullable<MergeObserver['linking']> = (_client, _cause, evidence, outcome) => {
    this.outcomes.push(`${evidence} ${outcome}`);
  };
  decided: NonNullable<MergeObserver['decided']> = (nodes, by) => {
    this.decisions.push(`${nodes.length} ${by}`);
  };
}

function observed(evidence?: ReadonlySet<Evidence>) {
  const words = new Words();
  const scene = new Scene(evidence ? { evidence } : {}, () => words);
  return { scene, words };
}

describe('an observer of the merge', () => {
  it('hears every rule, those behind the one that spoke as well', () => {
    const { scene, words } = observed();
    const stock = scene.process('stock', { runtime: 'python' });
    const request = scene.request(scene.connection(scene.stranger('web'), stock));
    scene.exchange(scene.connection(stock, scene.stranger('db')), command('postgresql', 'SELECT'));
    scene.respond(request);
    expect(words.words).toEqual([
      'forwarded_context silent no_context',
      'request_id silent no_request_id',
      'goroutine silent not_this_runtime',
      'asyncio silent no_python_context',
      'thread cause',
      'response_writer silent no_worker',
      'completion_wake silent no_worker',
      'slice silent runtime_schedules',
    ]);
    expect(words.outcomes).toEqual(['thread linked']);
  });

  it('hears why rules are silent in a runtime that schedules its own work', () => {
    const { scene, words } = observed();
    const web = scene.process('web', { runtime: 'node' });
    scene.request(scene.connection(scene.stranger('client'), web));
    scene.exchange(scene.connection(web, scene.stranger('db')), command('redis', 'GET'));
    expect(words.words.slice(2)).toEqual([
      'goroutine silent not_this_runtime',
      'asyncio silent not_this_runtime',
      'thread silent runtime_schedules',
      'response_writer silent runtime_schedules',
      'completion_wake silent runtime_schedules',
      'slice silent runtime_schedules',
    ]);
  });

  it('hears that a thread was idle, and that a process interleaves', () => {
    const { scene, words } = observed(new Set(['thread']));
    const stock = scene.process('stock');
    const calls = scene.connection(stock, scene.stranger('db'));
    scene.exchange(calls);
    for (const _ of [1, 2]) scene.request(scene.connection(scene.stranger('web'), stock));
    scene.exchange(calls);
    expect(words.words).toEqual(['thread silent idle_thread', 'thread silent interleaves']);
  });

  it('hears of a context and a request id that no open request came with', () => {
    const { scene, words } = observed(new Set(['forwarded_context', 'request_id']));
    const stock = scene.process('stock');
    const wire = scene.connection(stock, scene.stranger('api'));
    const header = traceparent({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) });
    scene.exchange(wire, 'GET /', { traceparent: header, 'x-request-id': '1' });
    scene.exchange(wire, 'GET /', { complete: false });
    expect(words.words).toEqual([
      'forwarded_context silent context_not_open',
      'request_id silent request_id_not_open',
      'forwarded_context silent context_unknown',
      'request_id silent no_request_id',
    ]);
  });

  it('hears what a rule finds later, and that it is not believed before it has proved itself', () => {
    const { scene, words } = observed(new Set(['slice']));
    const proxy = scene.process('proxy');
    const upstream = scene.connection(proxy, scene.stranger('app'));
    const request = scene.request(scene.connection(scene.stranger('client'), proxy), 'GET /a');
    scene.exchange(upstream, 'GET /elsewhere');
    scene.respond(request);
    scene.settle();
    expect(words.words.slice(0, 2)).toEqual(['slice silent decides_later', 'slice ambiguous not_earned']);
  });

  it('hears of each member once, when it is decided, and why then', () => {
    const { scene, words } = observed();
    const stock = scene.process('stock');
    const db = scene.connection(stock, scene.stranger('db'));
    const request = scene.request(scene.connection(scene.stranger('web'), stock));
    scene.exchange(db, command('postgresql', 'SELECT'));
    scene.respond(request);
    scene.settle();
    scene.exchange(db, command('postgresql', 'SELECT'));
    scene.correlator.shutdown();
    expect(words.decisions).toEqual(['2 due', '1 shutdown']);
  });
});
