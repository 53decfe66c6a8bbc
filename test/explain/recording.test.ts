import { describe, expect, it } from 'vitest';
import { EVIDENCE } from '../../src/correlate/link/rule.ts';
import { command, type Scene, traceparent } from '../correlate/scene.ts';
import { codes, explained, texts } from './explained.ts';

const OUTSIDE = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

/** `stock` serves a request and makes one call for it. */
function serving(scene: Scene, runtime: 'native' | 'node' = 'native', headers = {}) {
  const stock = scene.process('stock', { runtime });
  const price = scene.process('price');
  const inbound = scene.connection(scene.stranger('web'), stock);
  const outbound = scene.connection(stock, price);
  const request = scene.request(inbound, 'GET /stock', headers);
  return { stock, price, inbound, outbound, request };
}

describe('an explanation of a call from a recording', () => {
  it('says what each kind of evidence said, what won, and under whom it hangs', () => {
    let server = '';
    const explanation = explained((scene) => {
      const { outbound, request } = serving(scene);
      const call = scene.exchange(outbound, 'GET /price');
      scene.respond(request);
      server = request.serverSpanId;
      return call.clientSpanId;
    });
    expect(explanation.span).toMatchObject({
      parent_span_id: server,
      service: 'stock',
      kind: 'CLIENT',
      name: 'GET /price',
      zero_code: true,
    });
    expect(codes(explanation, 'evidence')).toEqual(
      expect.arrayContaining([
        'forwarded_context silent_no_context',
        'request_id silent_no_request_id',
        'thread linked',
        'slice silent_decides_later',
      ]),
    );
    expect(codes(explanation, 'parent')).toEqual(['linked']);
    expect(texts(explanation, 'parent')).toContain(`SERVER span ${server} of stock, GET /stock, because`);
    expect(codes(explanation, 'wire_context')).toEqual(['none']);
    expect(codes(explanation, 'other_end')).toEqual(['observed']);
    expect(codes(explanation, 'sdk_span')).toEqual(['no_sdk']);
    expect(codes(explanation, 'trace_id')).toEqual(['made']);
    expect(codes(explanation, 'times')).toEqual(['began', 'decided_due', 'released']);
    expect(texts(explanation, 'times')).toContain('10.');
  });

  it('says that a runtime schedules its own work, and that nothing tells for whom the call was', () => {
    const explanation = explained((scene) => {
      const { outbound, request } = serving(scene, 'node');
      const call = scene.exchange(outbound, command('redis', 'GET'));
      scene.respond(request);
      return call.clientSpanId;
    });
    expect(codes(explanation, 'evidence')).toEqual(
      expect.arrayContaining(['thread silent_runtime_schedules', 'slice silent_runtime_schedules']),
    );
    expect(codes(explanation, 'parent')).toEqual(['root']);
    expect(codes(explanation, 'wire_context')).toEqual(['impossible']);
  });

  it('lists the candidates of a choice that stayed open', () => {
    const requests: string[] = [];
    const explanation = explained(
      (scene) => {
        const stock = scene.process('stock');
        const id = { 'x-request-id': '7' };
        const open = [1, 2].map(() =>
          scene.request(scene.connection(scene.stranger('web'), stock), 'GET /', id),
        );
        const call = scene.exchange(scene.connection(stock, scene.stranger('api')), 'GET /', id);
        for (const request of open) scene.respond(request);
        requests.splice(0, 2, ...open.map((request) => request.serverSpanId));
        return call.clientSpanId;
      },
      { evidence: new Set(['request_id', 'wire_context'] as const) },
    );
    expect(codes(explanation, 'evidence')).toEqual(
      expect.arrayContaining([
        'forwarded_context switched_off',
        'request_id ambiguous_several_candidates',
        'thread switched_off',
        'slice switched_off',
      ]),
    );
    for (const id of requests) expect(texts(explanation, 'evidence')).toContain(id);
    expect(codes(explanation, 'parent')).toEqual(['root_ambiguous']);
    expect(codes(explanation, 'other_end')).toEqual(['not_observed']);
  });

  it('says whose span the header names, and that it was passed on', () => {
    const header = { traceparent: traceparent(OUTSIDE) };
    const explanation = explained((scene) => {
      const { outbound, request } = serving(scene, 'node', header);
      const call = scene.exchange(outbound, 'GET /price', header);
      scene.respond(request);
      return call.clientSpanId;
    });
    expect(codes(explanation, 'wire_context')).toEqual(['present', 'names_unknown_span', 'passed_on']);
    expect(codes(explanation, 'evidence')).toContain('forwarded_context linked');
    expect(codes(explanation, 'trace_id')).toEqual(['from_wire']);
  });

  it('says that a header brought the trace id before an SDK took it over', () => {
    const explanation = explained((scene) => {
      const { stock, outbound, request } = serving(scene, 'native', { traceparent: traceparent(OUTSIDE) });
      const handler = scene.start(stock, 'server', OUTSIDE);
      const call = scene.exchange(outbound, 'GET /price');
      scene.end(handler);
      scene.respond(request);
      scene.export(handler);
      return call.clientSpanId;
    });
    expect(codes(explanation, 'trace_id')).toEqual(['from_wire']);
  });

  it('says that headers were cut, and that it left because the pipeline ended', () => {
    const explanation = explained((scene) => {
      const { outbound, request } = serving(scene);
      const call = scene.exchange(outbound, 'GET /price', { complete: false });
      scene.respond(request);
      scene.correlator.shutdown();
      return call.clientSpanId;
    });
    expect(codes(explanation, 'wire_context')).toEqual(['unknown']);
    expect(codes(explanation, 'times')).toContain('decided_shutdown');
  });

  it('points at the SDK span that stands for it', () => {
    const explanation = explained((scene) => {
      const { stock, inbound, request } = serving(scene);
      const handler = scene.start(stock, 'server', undefined, { 'network.peer.port': inbound.clientPort });
      scene.end(handler);
      scene.respond(request);
      scene.export(handler);
      return request.serverSpanId;
    });
    expect(codes(explanation, 'parent')).toEqual(['represented']);
    expect(codes(explanation, 'sdk_span')).toEqual(['matched_by_content']);
  });
});

describe("an explanation of an SDK's span from a recording", () => {
  function handled(headers = {}, parent?: typeof OUTSIDE, late = 0) {
    return (scene: Scene) => {
      const { outbound, price, request } = serving(scene, 'native', { traceparent: traceparent(OUTSIDE) });
      const call = scene.request(outbound, 'GET /price', headers);
      const handler = scene.start(price, 'server', parent, { 'network.peer.port': outbound.clientPort });
      scene.end(handler);
      scene.respond(call);
      scene.respond(request);
      scene.advance(late);
      scene.export(handler);
      return handler.spanId;
    };
  }

  it('says which exchange it describes, how that was found, and which trace it came in', () => {
    const explanation = explained(handled());
    expect(codes(explanation, 'exchange')).toEqual(['describes']);
    expect(texts(explanation, 'exchange')).toContain("matched by process, the client's port");
    expect(codes(explanation, 'parent')).toEqual(['linked', 'reparented']);
    expect(codes(explanation, 'trace_id')).toEqual(['from_wire', 'renamed', 'joined']);
    expect(explanation.span).toMatchObject({ trace_id: OUTSIDE.traceId, service: 'price', zero_code: false });
  });

  it('says that a proxy stands between it and the parent that its SDK names', () => {
    const explanation = explained(handled({ traceparent: traceparent(OUTSIDE) }, OUTSIDE));
    expect(texts(explanation, 'exchange')).toContain('matched by the trace context');
    expect(codes(explanation, 'parent')).toEqual(['linked', 'reparented', 'passed_through']);
    expect(texts(explanation, 'parent')).toContain('stock passed on, unchanged,');
  });

  it('says that it came late, and how late', () => {
    const explanation = explained(handled({}, undefined, 20));
    expect(codes(explanation, 'times')).toContain('late');
    expect(texts(explanation, 'times')).toContain('20.0 s after its end: late');
  });

  it('says that its process is not watched, and that its SDK names its parent', () => {
    const explanation = explained((scene) => {
      const web = scene.stranger('web');
      const outer = scene.start(web, 'internal');
      const inner = scene.start(web, 'internal', outer);
      scene.end(inner, outer);
      scene.export(inner, outer);
      return inner.spanId;
    });
    expect(texts(explanation, 'exchange')).toContain('not watched');
    expect(codes(explanation, 'parent')).toEqual(['sdk_parent']);
    expect(codes(explanation, 'trace_id')).toEqual(['from_sdk']);
  });
});

it('no kind of evidence is left out of an explanation', () => {
  const explanation = explained((scene) => {
    const { outbound, request } = serving(scene);
    const call = scene.exchange(outbound, 'GET /price');
    scene.respond(request);
    return call.clientSpanId;
  });
  const told = new Set(codes(explanation, 'evidence').map((code) => code.split(' ')[0]));
  const rules = EVIDENCE.filter((evidence) => evidence !== 'wire_context' && evidence !== 'sdk_span');
  expect([...told]).toEqual(rules);
});
