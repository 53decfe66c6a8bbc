import { describe, expect, it } from 'vitest';
import { traceparent } from '../correlate/scene.ts';
import { SdkSpan } from '../correlate/sdk.ts';
import { Examined } from './examined.ts';

const OUTSIDE = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

/** A service with an SDK that is called from outside and calls an API. */
function instrumented() {
  const examined = new Examined();
  const { scene } = examined;
  const web = scene.process('web', { runtime: 'node' });
  const inbound = scene.connection(scene.stranger('client'), web);
  const outbound = scene.connection(web, scene.stranger('api'));
  const attributes = { 'network.peer.port': inbound.clientPort };
  return { examined, scene, web, inbound, outbound, attributes };
}

describe('export_late', () => {
  it('names an SDK that delivers later than decision_wait after the end, and by how much', () => {
    const { examined, scene, inbound, web, attributes } = instrumented();
    const request = scene.request(inbound);
    const handler = scene.start(web, 'server', undefined, attributes);
    scene.end(handler);
    scene.respond(request);
    scene.advance(25);
    scene.export(handler);
    const finding = examined.findings().find(({ code }) => code === 'export_late');
    expect(finding).toMatchObject({ severity: 'problem', service: 'web', counts: { spans: 1, late: 1 } });
    expect(finding!.seen).toContain('decision_wait (10 s)');
    expect(finding!.seen).toContain('up to 25.0 s');
    expect(finding!.examples).toEqual([
      { trace_id: scene.span(handler.spanId)!.traceId, span_id: handler.spanId },
    ]);
  });

  it('does not count what ended before the watch began', () => {
    const { examined, scene, web, inbound } = instrumented();
    const early = new SdkSpan(web, 'internal', OUTSIDE.traceId, OUTSIDE.spanId, '', -60e9, []);
    early.end = -59e9;
    scene.export(early);
    scene.exchange(inbound, 'GET /', { traceparent: traceparent(OUTSIDE, false) });
    expect(examined.named()).not.toContain('export_late web');
  });

  it('is silent about an SDK that delivers in time', () => {
    const { examined, scene, inbound, web, attributes } = instrumented();
    const request = scene.request(inbound);
    const handler = scene.start(web, 'server', undefined, attributes);
    scene.end(handler);
    scene.respond(request);
    scene.advance(9);
    scene.export(handler);
    expect(examined.named()).toEqual([]);
  });
});

describe('spans_missing', () => {
  function requests(header: { traceparent?: string }) {
    const { examined, scene, inbound, web, attributes } = instrumented();
    const first = scene.request(inbound, 'GET /order');
    const handler = scene.start(web, 'server', undefined, attributes);
    scene.end(handler);
    scene.respond(first);
    scene.export(handler);
    scene.exchange(inbound, 'GET /health?full', header);
    return examined;
  }

  it('is a problem where a request that came in as sampled has no span of the SDK', () => {
    const [finding] = requests({ traceparent: traceparent(OUTSIDE) }).findings();
    expect(finding).toMatchObject({
      code: 'spans_missing',
      severity: 'problem',
      service: 'web',
      counts: { requests: 2, missing_sampled: 1, missing_undecided: 0, unmatched_spans: 0 },
    });
    expect(finding!.seen).toContain('1 of 2 requests (GET /health)');
  });

  it('is a notice where nobody said whether the request is sampled', () => {
    const report = requests({}).report();
    expect(report.healthy).toBe(true);
    expect(report.findings).toMatchObject([{ code: 'spans_missing', severity: 'notice' }]);
  });

  it('is silent about requests that are not sampled, and about services without SDK', () => {
    expect(requests({ traceparent: traceparent(OUTSIDE, false) }).named()).toEqual(['sampled_out outside']);
    const examined = new Examined();
    const { scene } = examined;
    scene.exchange(scene.connection(scene.stranger('client'), scene.process('plain')));
    expect(examined.named()).toEqual([]);
  });

  it('is silent where the spans are there and cannot be told apart', () => {
    const { examined, scene, web } = instrumented();
    const client = scene.stranger('client');
    const calls = [1, 2].map(() => scene.request(scene.connection(client, web), 'GET /'));
    const handlers = calls.map(() => scene.start(web, 'server'));
    for (const call of calls) scene.respond(call);
    scene.end(...handlers);
    scene.export(...handlers);
    expect(examined.named()).toEqual([]);
  });

  it('does not judge what leaves before its time', () => {
    const { examined, scene, inbound, web, attributes } = instrumented();
    const first = scene.request(inbound);
    const handler = scene.start(web, 'server', undefined, attributes);
    scene.end(handler);
    scene.respond(first);
    scene.export(handler);
    scene.advance(11);
    scene.exchange(inbound, 'GET /', { traceparent: traceparent(OUTSIDE) });
    scene.correlator.shutdown();
    expect(examined.named()).toEqual([]);
  });
});

describe('spans_undelivered', () => {
  it('names a service that sends a context of its own and delivers no span of it', () => {
    const { examined, scene, inbound, outbound } = instrumented();
    const request = scene.request(inbound);
    scene.exchange(outbound, 'GET /', { traceparent: traceparent(OUTSIDE) });
    scene.respond(request);
    const finding = examined.findings().find(({ code }) => code === 'spans_undelivered');
    expect(finding).toMatchObject({ service: 'web', counts: { named: 1, undelivered: 1 } });
    expect(finding!.action).toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
  });

  it('takes it back when the span comes late', () => {
    const { examined, scene, web, outbound } = instrumented();
    const span = scene.start(web, 'client');
    scene.exchange(outbound, 'GET /', { traceparent: traceparent(span) });
    scene.end(span);
    scene.advance(20);
    scene.export(span);
    expect(examined.named()).toEqual(['export_late web']);
  });

  it('is silent about a service that passes on what came in', () => {
    const { examined, scene, inbound, outbound } = instrumented();
    const header = { traceparent: traceparent(OUTSIDE) };
    const request = scene.request(inbound, 'GET /', header);
    scene.exchange(outbound, 'GET /', header);
    scene.respond(request);
    expect(examined.named()).toEqual([]);
  });

  it('is silent about a process that may have got the context on a connection that is not read', () => {
    const { examined, scene, web, inbound, outbound } = instrumented();
    const { socket } = inbound.serverEnd;
    scene.did(web, { type: 'unread', reason: 'encrypted', socket, process: web.process, at: scene.now });
    scene.exchange(outbound, 'GET /', { traceparent: traceparent(OUTSIDE) });
    expect(examined.named()).toEqual(['connections_encrypted web']);
  });
});

describe('sampled_out', () => {
  it('notes a service that begins traces and samples some of them out', () => {
    const { examined, scene, outbound } = instrumented();
    scene.exchange(outbound, 'GET /', { traceparent: traceparent(OUTSIDE, false) });
    const [finding] = examined.findings();
    expect(finding).toMatchObject({
      code: 'sampled_out',
      severity: 'notice',
      service: 'web',
      counts: { decided: 1, sampled_out: 1, against_caller: 0 },
    });
  });

  it('is a problem where the request came in as sampled', () => {
    const { examined, scene, inbound, outbound } = instrumented();
    const request = scene.request(inbound, 'GET /', { traceparent: traceparent(OUTSIDE) });
    const own = { traceId: OUTSIDE.traceId, spanId: 'c'.repeat(16) };
    scene.exchange(outbound, 'GET /', { traceparent: traceparent(own, false) });
    scene.respond(request);
    const [finding] = examined.findings();
    expect(finding).toMatchObject({ code: 'sampled_out', severity: 'problem', service: 'web' });
    expect(finding!.action).toContain('parentbased_');
  });

  it('names who decided, not who follows', () => {
    const { examined, scene, inbound, outbound } = instrumented();
    const request = scene.request(inbound, 'GET /', { traceparent: traceparent(OUTSIDE, false) });
    scene.exchange(outbound, 'GET /', { traceparent: traceparent(OUTSIDE, false) });
    scene.respond(request);
    expect(examined.named()).toEqual(['sampled_out outside']);
  });
});
