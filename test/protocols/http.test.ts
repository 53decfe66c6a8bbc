import fc from 'fast-check';
import { HTTPParser, methods } from 'http-parser-js';
import { describe, expect, it } from 'vitest';
import type { HttpRequest, HttpResponse } from '../../src/receiver/ebpf/protocols/http/facts.ts';
import { http } from '../../src/receiver/ebpf/protocols/http.ts';
import { answer, ask, join, place, type Step, Wire } from './conversation.ts';
import { exchangeOf, spanOf } from './describe.ts';
import { CHUNKED, chunk, lastChunk, request, response, responseHead, upload } from './fixtures/http.ts';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function run(steps: readonly Step[], options: { joined?: boolean; cut?: number } = {}): Wire {
  const wire = new Wire(http, options.joined);
  for (const step of place(steps)) {
    if (options.cut === undefined) wire.step(step);
    else wire.cutStep(step, options.cut);
  }
  return wire;
}

function requestFacts(steps: readonly Step[], cut?: number): HttpRequest {
  return run(steps, cut === undefined ? {} : { cut }).sink.exchanges[0]!.request as HttpRequest;
}

describe('what a request head says', () => {
  it('keeps context headers, whatever the case of their names, and request ids in order', () => {
    const facts = requestFacts([
      ask(
        request('GET', '/a?b=c', {
          HOST: 'shop',
          'X-Request-ID': 'r-1',
          TraceParent: TRACEPARENT,
          tracestate: 'a=1',
          'X-B3-TraceId': '80f198ee56343ba864fe8b2a57d3eff7',
          b3: '0',
          sw8: '1-abc',
          'Uber-Trace-Id': '1:2:3:1',
          'X-Amzn-Trace-Id': 'Root=1-2-3',
          'X-Correlation-Id': 'c-1',
        }),
      ),
    ]);
    expect(facts.context).toEqual({
      traceparent: TRACEPARENT,
      tracestate: 'a=1',
      others: {
        'x-b3-traceid': '80f198ee56343ba864fe8b2a57d3eff7',
        b3: '0',
        sw8: '1-abc',
        'uber-trace-id': '1:2:3:1',
      },
      complete: true,
    });
    expect(facts.requestIds).toEqual([
      ['x-request-id', 'r-1'],
      ['x-amzn-trace-id', 'Root=1-2-3'],
      ['x-correlation-id', 'c-1'],
    ]);
    expect(facts).toMatchObject({
      operation: 'GET',
      target: '/a?b=c',
      path: '/a',
      query: 'b=c',
      version: '1.1',
    });
  });

  it('joins several tracestate fields and unfolds folded values', () => {
    const facts = requestFacts([
      ask('GET / HTTP/1.1\r\ntracestate: a=1\r\nTracestate: b=2,\r\n  c=3\r\nHost: x\r\n\r\n'),
    ]);
    expect(facts.context.tracestate).toBe('a=1,b=2, c=3');
  });

  it('says that context is unknown when a gap cut the head, and keeps what was seen', () => {
    const steps = [
      ask(request('GET', '/a', { Host: 'x', traceparent: TRACEPARENT, Cookie: 'c'.repeat(9000) })),
    ];
    expect(requestFacts([...steps, answer(response(200))], 200).context).toEqual({
      traceparent: TRACEPARENT,
      complete: false,
    });
    expect(requestFacts([...steps, answer(response(200))], 30).context).toEqual({ complete: false });
  });

  it('reads fields behind the gap where the head surely ends the call', () => {
    const steps = [ask(request('GET', '/a', { Host: 'x', Cookie: 'c'.repeat(9000), 'X-Request-Id': 'r-1' }))];
    const facts = requestFacts(steps, 512);
    expect(facts.requestIds).toEqual([['x-request-id', 'r-1']]);
    expect(facts.context.complete).toBe(false);
  });

  it('says of a response that a gap cut its head', () => {
    const steps = [ask(request('GET', '/a')), answer(response(200, '', { Via: 'v'.repeat(9000) }))];
    const [whole, cut] = [{}, { cut: 512 }].map((options) => run(steps, options).sink.exchanges[0]!.response);
    expect(whole).not.toHaveProperty('cut');
    expect(cut).toMatchObject({ status: 200, cut: true });
  });

  it('leaves out a target that a gap cut', () => {
    const facts = requestFacts([ask(request('GET', `/${'a'.repeat(5000)}`)), answer(response(200))], 512);
    expect(facts).toMatchObject({ operation: 'GET', target: undefined, path: undefined });
  });

  it.each([
    ['http://shop:81/a?b', { target: '/a?b', path: '/a', query: 'b', authority: 'shop:81', scheme: 'http' }],
    ['https://user:secret@shop', { target: '/', path: '/', authority: 'shop', scheme: 'https' }],
    ['*', { target: '*', path: '*', authority: 'proxy', scheme: 'http' }],
  ])('takes the target %s apart', (target, expected) => {
    expect(requestFacts([ask(request('OPTIONS', target, { Host: 'proxy' }))])).toMatchObject(expected);
  });

  it('recognises OTLP exports, and only those', () => {
    const isExport = (target: string, type?: string) =>
      requestFacts([ask(upload(target, 'x', type === undefined ? {} : { 'Content-Type': type }))])
        .isTelemetryExport;
    expect(isExport('/v1/traces', 'application/x-protobuf')).toBe(true);
    expect(isExport('/otlp/v1/metrics', 'application/json; charset=utf-8')).toBe(true);
    expect(isExport('/v1/logs', 'application/json')).toBe(true);
    expect(isExport('/v1/traces', 'text/html')).toBe(false);
    expect(isExport('/v1/traces')).toBe(false);
    expect(isExport('/v1/orders', 'application/json')).toBe(false);
  });
});

describe('pairing', () => {
  it('gives a response that was reported before its request to that request', () => {
    const wire = run([
      ask(request('GET', '/1')),
      answer(response(200)),
      answer(response(404)),
      ask(request('GET', '/2')),
      ask(request('GET', '/3')),
      answer(response(500)),
    ]);
    expect(wire.sink.exchanges.map(({ request, response }) => [request?.target, response?.status])).toEqual([
      ['/1', 200],
      ['/2', 404],
      ['/3', 500],
    ]);
  });

  it('never shifts by one when whole calls were lost', () => {
    const one = join([request('GET', '/1')]);
    const two = join([request('GET', '/2')]);
    const ok = join([response(200, 'a')]);
    const missing = join([response(404, 'b')]);
    const wire = new Wire(http);
    wire.bytes('requester', one, 0);
    wire.gap('requester', 50, one.length);
    wire.bytes('requester', two, one.length + 50);
    wire.gap('responder', ok.length + 10, 0);
    wire.bytes('responder', missing, ok.length + 10);
    wire.close();
    expect(
      wire.sink.exchanges.map(({ request, response, outcome }) => [
        request?.target,
        response?.status,
        outcome,
      ]),
    ).toEqual([
      ['/1', undefined, 'lost'],
      ['/2', 404, 'ended'],
    ]);
  });

  it('does not give a later response to a request whose response was lost', () => {
    const wire = new Wire(http);
    const one = join([request('GET', '/1')]);
    const other = join([response(500, 'answers a request that was lost too')]);
    wire.bytes('requester', one, 0);
    wire.gap('responder', 200, 0);
    wire.bytes('responder', other, 200);
    wire.close();
    expect(wire.sink.exchanges[0]).toMatchObject({ outcome: 'lost', response: undefined, responseBegin: 0 });
  });

  it('stops where a pipelining connection lost messages', () => {
    const wire = new Wire(http);
    const requests = join([request('GET', '/1'), request('GET', '/2'), request('GET', '/3')]);
    wire.bytes('requester', requests, 0);
    wire.gap('requester', 500, requests.length);
    expect(wire.sink.stopped).toBe('unparseable');
  });

  it('goes on after a client that did not send the body it announced', () => {
    const wire = run([
      ask(request('POST', '/1', { Host: 'x', Expect: '100-continue', 'Content-Length': '5000' })),
      answer(response(417)),
      ask(request('GET', '/2')),
      answer(response(200)),
    ]);
    expect(wire.sink.exchanges.map(({ response }) => response?.status)).toEqual([417, 200]);
  });

  it('reads what is known of a head that the server refused before its end', () => {
    const wire = run([ask('GET /1 HTTP/1.1\r\nHost: x\r\nCookie: aaaaaaaaaaa'), answer(response(431))]);
    expect(wire.sink.exchanges[0]).toMatchObject({
      outcome: 'ended',
      request: { target: '/1', authority: 'x', context: { complete: false } },
      response: { status: 431 },
    });
  });

  it('does not take requests and responses inside a body for messages', () => {
    const inside = `${request('GET', '/inside')}${response(200)}`;
    const wire = run([ask(upload('/batch', inside)), answer(response(200, inside))]);
    expect(wire.sink.exchanges).toHaveLength(1);
  });

  it('holds a bounded number of requests', () => {
    const wire = new Wire(http);
    const data = join([request('GET', '/same')]);
    for (let i = 0; i < 5000; i++) wire.bytes('requester', data, i * data.length);
    expect(wire.sink.all.length).toBeLessThan(1100);
    expect(wire.sink.stopped).toBe('unparseable');
  });

  it('holds a bounded part of a head that never ends', () => {
    const wire = new Wire(http);
    let offset = 0;
    for (const data of [
      join(['GET / HTTP/1.1\r\n']),
      ...Array(100).fill(join(['X: '.padEnd(1000, 'y'), '\r\n'])),
    ]) {
      wire.bytes('requester', data, offset);
      offset += data.length;
    }
    expect(wire.sink.exchanges[0]).toMatchObject({
      outcome: 'open',
      request: { context: { complete: false } },
    });
    wire.bytes('responder', join([response(431)]), 0);
    expect(wire.sink.exchanges[0]).toMatchObject({ outcome: 'ended', response: { status: 431 } });
  });
});

describe('against http-parser-js', () => {
  const token = fc.string({ unit: fc.constantFrom(...'abcXYZ-09'), minLength: 1, maxLength: 12 });
  const headers = fc.dictionary(token, fc.string({ unit: fc.constantFrom(...'az09 ,;='), maxLength: 30 }), {
    maxKeys: 5,
    noNullPrototype: true,
  });
  const body = fc.oneof(
    fc.record({
      kind: fc.constant('length' as const),
      data: fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
    }),
    fc.record({
      kind: fc.constant('chunked' as const),
      data: fc.string({ unit: 'grapheme-ascii', maxLength: 60 }),
    }),
  );
  const message = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH'),
    path: fc.string({ unit: fc.constantFrom(...'abc/%20?='), maxLength: 20 }).map((path) => `/${path}`),
    status: fc.constantFrom(200, 201, 302, 404, 500, 503),
    headers,
    sent: body,
    got: body,
  });
  const written = (
    line: string,
    fields: Record<string, string>,
    { kind, data }: { kind: string; data: string },
  ) => {
    const framing = kind === 'chunked' ? CHUNKED : { 'Content-Length': String(data.length) };
    const head = [
      line,
      ...Object.entries({ ...fields, ...framing }).map(([name, value]) => `${name}: ${value}`),
    ];
    const encoded = kind === 'chunked' ? (data.length > 0 ? chunk(data) : '') + lastChunk() : data;
    return `${head.join('\r\n')}\r\n\r\n${encoded}`;
  };

  it('sees the same methods, targets and statuses, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 50 }),
        (messages, size) => {
          const streams = {
            requester: messages
              .map((m) => written(`${m.method} ${m.path} HTTP/1.1`, m.headers, m.sent))
              .join(''),
            responder: messages.map((m) => written(`HTTP/1.1 ${m.status} Reason`, m.headers, m.got)).join(''),
          };
          const oracle = {
            requests: [] as string[],
            statuses: [] as number[],
          };
          const requests = new HTTPParser(HTTPParser.REQUEST);
          requests[HTTPParser.kOnHeadersComplete] = (info) => {
            oracle.requests.push(`${methods[Number(info.method)]} ${info.url}`);
          };
          requests.execute(Buffer.from(streams.requester));
          const responses = new HTTPParser(HTTPParser.RESPONSE);
          responses[HTTPParser.kOnHeadersComplete] = (info) => {
            oracle.statuses.push(Number(info.statusCode));
          };
          responses.execute(Buffer.from(streams.responder));

          const wire = new Wire(http);
          for (const from of ['requester', 'responder'] as const) {
            const data = join([streams[from]]);
            for (let at = 0; at < data.length; at += size) wire.bytes(from, data.subarray(at, at + size), at);
          }
          const seen = wire.sink.exchanges;
          expect(seen.map(({ request }) => `${request?.operation} ${request?.target}`)).toEqual(
            oracle.requests,
          );
          expect(seen.map(({ response }) => response?.status)).toEqual(oracle.statuses);
          expect(seen.at(-1)?.end).toBe(streams.responder.length);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('HTTP spans', () => {
  const sent = request('GET', '/items?id=7&sig=secret&Signature=other', {
    Host: 'shop.example:8080',
    'User-Agent': 'curl/8',
  });

  it('describe the server side', () => {
    const { sink } = run([ask(sent), answer(response(500, 'no'))]);
    expect(spanOf(http, exchangeOf(http, sink.exchanges[0]!, 'server'))).toEqual({
      name: 'GET',
      error: true,
      attributes: {
        'http.request.method': 'GET',
        'server.address': 'shop.example',
        'server.port': 8080,
        'url.scheme': 'http',
        'url.path': '/items',
        'url.query': 'id=7&sig=REDACTED&Signature=REDACTED',
        'user_agent.original': 'curl/8',
        'network.protocol.version': '1.1',
        'http.response.body.size': 2,
        'http.response.status_code': 500,
        'error.type': '500',
      },
    });
  });

  it('describe the client side', () => {
    const { sink } = run([ask(sent), answer(response(404, 'no'))]);
    const span = spanOf(http, exchangeOf(http, sink.exchanges[0]!, 'client'));
    expect(span.error).toBe(true);
    expect(span.attributes).toMatchObject({
      'url.full': 'http://shop.example:8080/items?id=7&sig=REDACTED&Signature=REDACTED',
      'error.type': '404',
    });
    expect(span.attributes).not.toHaveProperty('url.path');
  });

  it('take a 4xx for an error of the client only', () => {
    const { sink } = run([ask(sent), answer(response(404))]);
    const span = spanOf(http, exchangeOf(http, sink.exchanges[0]!, 'server'));
    expect(span.error).toBe(false);
    expect(span.attributes).not.toHaveProperty('error.type');
  });

  it('fall back to the socket where no Host is known', () => {
    const { sink } = run([ask('GET / HTTP/1.0\r\n\r\n'), answer(response(200))]);
    expect(spanOf(http, exchangeOf(http, sink.exchanges[0]!, 'client')).attributes).toMatchObject({
      'server.address': '10.0.0.2',
      'server.port': 8000,
      'url.full': 'http://10.0.0.2:8000/',
      'network.protocol.version': '1.0',
    });
  });

  it('never name a span by a method that is not known', () => {
    const { sink } = run([ask(request('BREW', '/pot')), answer(response(418))]);
    const span = spanOf(http, exchangeOf(http, sink.exchanges[0]!, 'server'));
    expect(span.name).toBe('HTTP');
    expect(span.attributes).toMatchObject({
      'http.request.method': '_OTHER',
      'http.request.method_original': 'BREW',
    });
  });

  it('are errors when the connection closed without a response', () => {
    const { sink } = run([ask(sent)]);
    const exchange = exchangeOf(http, sink.exchanges[0]!, 'client', { incomplete: 'connection_closed' });
    expect(spanOf(http, exchange)).toMatchObject({ error: true, attributes: { 'error.type': '_OTHER' } });
  });

  it('carry body sizes from Content-Length', () => {
    const { sink } = run([ask(upload('/in', 'body')), answer(responseHead(200, { 'Content-Length': '0' }))]);
    expect((sink.exchanges[0]!.response as HttpResponse).bodySize).toBe(0);
    expect(spanOf(http, exchangeOf(http, sink.exchanges[0]!, 'server')).attributes).toMatchObject({
      'http.request.body.size': 4,
      'http.response.body.size': 0,
    });
  });
});
