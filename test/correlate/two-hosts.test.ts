import { describe, expect, it } from 'vitest';
import type { Rendezvous } from '../../src/correlate/rendezvous/rendezvous.ts';
import { command, httpRequest, type Scene, traceparent } from './scene.ts';
import { Hosts } from './two-hosts.ts';

const CONTEXT = { traceId: '5eed'.padEnd(32, '0'), spanId: '1dea'.padEnd(16, '0') };

/** Programs on two hosts: `front` on the first calls `back` on the second. */
function pair(
  ...options: ConstructorParameters<typeof Hosts> extends [number, ...infer Rest] ? Rest : never
) {
  const hosts = new Hosts(2, ...options);
  const [a, b] = hosts.scenes as [Scene, Scene];
  const front = a.process('front');
  const back = b.process('back');
  const entry = a.connection(a.stranger('user'), front);
  return { hosts, a, b, front, back, entry, wire: a.connection(front, back) };
}

/** Takes everything and never answers. */
const nowhere = (store: Rendezvous): Rendezvous => ({
  open: () => store.open(),
  promise: () => {},
  decide: () => {},
  ask: () => {},
  close: () => store.close(),
});

const ONE_TRACE = ['front server', '  front client by thread', '    back server by peer'];

describe('two pipelines that see one end of a call each', () => {
  it('make one trace, whatever their clocks say', () => {
    const { hosts, a, b, entry, wire } = pair();
    const asked = a.request(entry);
    hosts.exchange(a, b, wire);
    a.respond(asked);
    expect(hosts.settle()).toEqual(ONE_TRACE);
    expect(hosts.traceIds()).toHaveLength(1);
    expect(hosts.answers('decided')).toBe(1);
  });

  it('wait for a caller that works on for longer than its callee', () => {
    const { hosts, a, b, entry, wire } = pair();
    const asked = a.request(entry);
    hosts.exchange(a, b, wire);
    hosts.advance(20);
    expect(hosts.tree()).toEqual([]);
    a.respond(asked);
    expect(hosts.settle()).toEqual(ONE_TRACE);
  });

  it('do not wait for callers that nobody follows', () => {
    const { hosts, b, back } = pair();
    b.exchange(b.connection(b.stranger('user'), back));
    hosts.advance(10.5);
    expect(hosts.tree()).toEqual(['back server']);
    expect(hosts.answers('unknown')).toBe(1);
  });

  it('give up on a caller that was promised and is never decided, after a while', () => {
    const { hosts, a, b, entry, wire } = pair();
    a.request(entry);
    hosts.exchange(a, b, wire);
    hosts.advance(39);
    expect(hosts.tree()).toEqual([]);
    hosts.advance(3);
    expect(hosts.tree()).toEqual(['back server']);
    expect(hosts.answers('undecided')).toBe(1);
  });

  it('leave spans as they stand at the end, and what is decided later changes nothing', () => {
    const { hosts, a, b, entry, wire } = pair();
    const asked = a.request(entry);
    hosts.exchange(a, b, wire);
    hosts.advance(12);
    b.correlator.shutdown();
    expect(hosts.tree()).toEqual(['back server']);
    a.respond(asked);
    hosts.settle();
    expect(b.spans).toHaveLength(1);
    expect(hosts.traceIds()).toHaveLength(2);
  });

  it('tell nothing of calls both ends of which one of them sees', () => {
    const { hosts, b, back } = pair();
    b.exchange(b.connection(back, b.process('store')));
    hosts.settle();
    expect(hosts.place.entries.size).toBe(0);
  });

  it('join all that one trace does on a host', () => {
    const { hosts, a, b, back, entry, wire } = pair();
    const store = b.process('store');
    const inner = b.connection(back, store);
    const asked = a.request(entry);
    for (let i = 0; i < 2; i++) {
      const call = hosts.request(a, b, wire);
      b.exchange(inner);
      hosts.respond(call);
    }
    a.respond(asked);
    const callee = [
      '  front client by thread',
      '    back server by peer',
      '      back client by thread',
      '        store server by peer',
    ];
    expect(hosts.settle()).toEqual(['front server', ...callee, ...callee]);
    expect(hosts.traceIds()).toHaveLength(1);
  });
});

describe('a trace that comes back to a host', () => {
  it('is one where no header names it', () => {
    const { hosts, a, b, back, entry, wire } = pair();
    const again = a.process('again');
    const home = b.connection(back, again);
    const asked = a.request(entry);
    const call = hosts.request(a, b, wire);
    hosts.exchange(b, a, home);
    hosts.respond(call);
    a.respond(asked);
    expect(hosts.settle()).toEqual([
      ...ONE_TRACE,
      '      back client by thread',
      '        again server by peer',
    ]);
    expect(hosts.traceIds()).toHaveLength(1);
  });

  it('is one where a header does, and neither waits for the other', () => {
    const { hosts, a, b, back, entry, wire } = pair();
    const again = a.process('again');
    const home = b.connection(back, again);
    const headers = { traceparent: traceparent(CONTEXT) };
    const asked = a.request(entry, 'GET /', headers);
    const call = hosts.request(a, b, wire, httpRequest('GET /', headers));
    hosts.exchange(b, a, home, httpRequest('GET /', headers));
    hosts.respond(call);
    a.respond(asked);
    expect(hosts.settle()).toEqual([
      'front server by wire_context',
      '  front client by forwarded_context',
      '    back server by peer',
      '      back client by forwarded_context',
      `        again server by peer under ${CONTEXT.spanId}`,
    ]);
    expect(hosts.traceIds()).toEqual([CONTEXT.traceId]);
    expect(hosts.answers('undecided')).toBe(0);
  });
});

describe('SDKs on one of two hosts', () => {
  it('on the caller’s: the callee hangs under the span that stands for the call', () => {
    const { hosts, a, b, front, entry, wire } = pair();
    const asked = a.request(entry);
    const handler = a.start(front, 'internal');
    const span = a.start(front, 'client', handler, { 'db.system.name': 'redis', 'db.operation.name': 'GET' });
    hosts.exchange(a, b, wire, command('redis', 'GET'));
    a.end(span, handler);
    a.respond(asked);
    a.export(handler, span);
    hosts.settle();
    const [callee] = b.spans;
    expect(a.span(span.spanId)).toBeDefined();
    expect([callee!.traceId, callee!.parentSpanId]).toEqual([handler.traceId, span.spanId]);
  });

  it.each(['rewrite', 'link'] as const)('on the callee’s, which begins a trace: %s', (traceConflict) => {
    const { hosts, a, b, back, entry, wire } = pair({ traceConflict });
    const asked = a.request(entry);
    const call = hosts.request(a, b, wire);
    const handler = b.start(back, 'server', undefined, {
      'http.request.method': 'GET',
      'url.path': '/',
      'network.peer.port': wire.clientPort,
    });
    const inner = b.start(back, 'internal', handler);
    b.end(inner, handler);
    hosts.respond(call);
    a.respond(asked);
    b.export(handler, inner);
    hosts.settle();
    const { traceId } = a.span(call.client.clientSpanId)!;
    const shown = b.span(handler.spanId)!;
    if (traceConflict === 'rewrite') {
      expect([shown.traceId, shown.parentSpanId]).toEqual([traceId, call.client.clientSpanId]);
      expect(b.span(inner.spanId)!.traceId).toBe(traceId);
      return;
    }
    expect([shown.traceId, shown.parentSpanId]).toEqual([handler.traceId, '']);
    expect(shown.links).toEqual([{ traceId, spanId: call.client.clientSpanId }]);
  });
});

describe('a request of a trace that has left already', () => {
  it.each([
    ['rewrite', 'stays in that trace, with a span link to the caller that another pipeline names'],
    ['link', 'hangs under the caller that another pipeline names, in that one’s trace'],
  ] as const)('%s: %s', (traceConflict, _says) => {
    const caller = { traceId: 'fa5'.padEnd(32, '0'), spanId: 'ca11'.padEnd(16, '0') };
    const { hosts, b, back } = pair({ traceConflict }, (store) => ({
      ...nowhere(store),
      ask: (names, answered) => {
        const isFirst = b.spans.length === 0;
        for (const name of names) answered(name, isFirst ? 'unknown' : { ...caller, sampled: true });
      },
    }));
    const ask = () =>
      b.exchange(b.connection(b.stranger('user'), back), 'GET /', { traceparent: traceparent(CONTEXT) });
    ask();
    hosts.advance(12);
    const { serverSpanId } = ask();
    hosts.settle();
    const shown = b.span(serverSpanId)!;
    const place = [shown.traceId, shown.parentSpanId];
    if (traceConflict === 'link') expect(place).toEqual([caller.traceId, caller.spanId]);
    else expect([...place, shown.links]).toEqual([CONTEXT.traceId, '', [caller]]);
  });
});

describe('a trace that its caller’s side samples out', () => {
  it('is not shown on the other host, though no header reaches that', () => {
    const { hosts, a, b, entry, wire } = pair();
    const asked = a.request(entry, 'GET /', { traceparent: traceparent(CONTEXT, false) });
    hosts.exchange(a, b, wire);
    a.respond(asked);
    expect(hosts.settle()).toEqual([]);
  });

  it('is shown on the other host where a flag there says otherwise than the caller’s side', () => {
    const { hosts, a, b, back, entry, wire } = pair();
    const asked = a.request(entry);
    const call = hosts.request(a, b, wire);
    b.exchange(b.connection(back, b.stranger('other')), 'GET /', {
      traceparent: traceparent(CONTEXT, false),
    });
    hosts.respond(call);
    a.respond(asked);
    expect(hosts.settle()).toEqual([...ONE_TRACE, '      back client by thread']);
  });
});

describe('a rendezvous that is of no use', () => {
  const unavailable = (store: Rendezvous): Rendezvous => ({
    ...nowhere(store),
    ask: (names, answered) => {
      for (const name of names) answered(name, 'unavailable');
    },
  });

  it('costs no link where it could not be asked once', () => {
    let asked = 0;
    const { hosts, a, b, entry, wire } = pair({}, (store) => ({
      open: () => store.open(),
      promise: (name) => store.promise(name),
      decide: (name, parent) => store.decide(name, parent),
      ask: (names, answered) => {
        if (++asked > 2) store.ask(names, answered);
        else for (const name of names) answered(name, 'unavailable');
      },
      close: () => store.close(),
    }));
    const call = a.request(entry);
    hosts.exchange(a, b, wire);
    a.respond(call);
    expect(hosts.settle()).toEqual(ONE_TRACE);
    expect(hosts.answers('unavailable')).toBe(0);
  });

  it('loses nothing and holds nothing up for long where it says so', () => {
    const { hosts, a, b, entry, wire } = pair({}, unavailable);
    const asked = a.request(entry);
    hosts.exchange(a, b, wire);
    a.respond(asked);
    hosts.advance(11);
    expect(hosts.tree()).toEqual(['front server', '  front client by thread', 'back server']);
    // The request of front had a caller as well.
    expect(hosts.answers('unavailable')).toBe(2);
  });

  it('holds nothing longer than it may where it never answers', () => {
    const { hosts, a, b, entry, wire } = pair({}, nowhere);
    const asked = a.request(entry);
    hosts.exchange(a, b, wire);
    a.respond(asked);
    hosts.advance(41);
    expect(hosts.tree()).toEqual(['front server', '  front client by thread', 'back server']);
  });

  it('holds nothing that was promised as a parent, once it has ended', () => {
    const promising = (store: Rendezvous): Rendezvous => ({
      ...nowhere(store),
      ask: (names, answered) => {
        for (const name of names) answered(name, 'promised');
      },
    });
    const { hosts, b, back } = pair({ maxAge: 20e9 }, promising);
    const call = b.request(b.connection(b.stranger('user'), back));
    hosts.advance(21);
    call.serverWrites();
    hosts.advance(1);
    expect(hosts.tree()).toEqual(['back server']);
  });

  it('holds nothing beyond its age', () => {
    const { hosts, a, b, entry, wire } = pair({ maxAge: 20e9 }, nowhere);
    const asked = a.request(entry);
    hosts.exchange(a, b, wire);
    a.respond(asked);
    hosts.advance(21);
    expect(hosts.tree()).toEqual(['front server', '  front client by thread', 'back server']);
  });
});
