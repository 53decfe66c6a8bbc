import { beforeEach, describe, expect, it } from 'vitest';
import type { FarHost } from '../../bench/links/case.ts';
import { judgeHosts } from '../../bench/links/far/judge.ts';
import { Lockstep } from '../../bench/links/far/lockstep.ts';
import { spanIdOf } from '../../src/correlate/identity.ts';
import type { Exchange } from '../../src/receiver/ebpf/exchange.ts';
import type { Span } from '../support/otlp-json.ts';
import { Story } from './story.ts';

const LABELS = ['LBL-000001-1', 'LBL-000002-1'] as const;
const [FIRST, SECOND] = ['1'.repeat(32), '2'.repeat(32)] as const;
const WIRE = 'a'.repeat(16);

describe('a request on another host is judged by the call that carried its label', () => {
  let near: Story;
  let far: Story;
  let calls: readonly [Exchange, Exchange];
  let request: Exchange;
  beforeEach(() => {
    near = new Story(1);
    far = new Story(2);
    calls = [near.call(LABELS[0], 11), near.call(LABELS[1], 12)];
    request = far.request(LABELS[0], 21, [`traceparent: 00-${FIRST}-${WIRE}-01`]).exchange;
  });

  function span(exchange: Exchange, traceId: string, parentSpanId: string): Span {
    return { spanId: spanIdOf(exchange), traceId, parentSpanId, attributes: {} } as unknown as Span;
  }

  function verdict(
    traceId: string,
    parentSpanId: string,
    right: FarHost['right'] = 'under the call',
  ): string | undefined {
    const spans = [
      span(calls[0], FIRST, ''),
      span(calls[1], SECOND, ''),
      span(request, traceId, parentSpanId),
    ];
    const { spanloom } = judgeHosts({ near, far, spans, right }, [LABELS[0]]);
    expect(spanloom.calls).toBe(1);
    return (['right', 'wrong', 'missing'] as const).find((key) => spanloom[key] === 1);
  }

  it('right under that call, in its trace', () => {
    expect(verdict(FIRST, spanIdOf(calls[0]))).toBe('right');
  });

  it('wrong under another call, in another trace than its parent, and under what nobody shows', () => {
    expect(verdict(SECOND, spanIdOf(calls[1]))).toBe('wrong');
    expect(verdict(FIRST, spanIdOf(calls[1]))).toBe('wrong');
    expect(verdict('3'.repeat(32), spanIdOf(calls[0]))).toBe('wrong');
    expect(verdict(FIRST, 'b'.repeat(16))).toBe('wrong');
  });

  it('wrong in the trace of another request, whatever its parent', () => {
    expect(verdict(SECOND, '')).toBe('wrong');
    expect(verdict(SECOND, WIRE)).toBe('wrong');
  });

  it('missing in a trace of its own', () => {
    expect(verdict('3'.repeat(32), '')).toBe('missing');
  });

  it('under the span that its header names: right where only the header can tell', () => {
    expect(verdict(FIRST, WIRE)).toBe('missing');
    expect(verdict(FIRST, WIRE, 'in its trace')).toBe('right');
  });

  it('missing, and not seen, where one of the two was not captured', () => {
    const { spanloom } = judgeHosts({ near, far, spans: [], right: 'under the call' }, [LABELS[1]]);
    expect(spanloom).toMatchObject({ calls: 1, missing: 1, notSeen: 1 });
  });
});

describe('lockstep', () => {
  it('lets whoever is behind go first, and who is left go on alone', async () => {
    const lockstep = new Lockstep(2);
    const order: string[] = [];
    const walk = async (who: number, times: readonly bigint[]) => {
      for (const time of times) {
        await lockstep.step(who, time);
        order.push(`${who} at ${time}`);
      }
      lockstep.finished(who);
    };
    await Promise.all([walk(0, [1n, 2n, 7n, 8n]), walk(1, [2n, 3n, 4n])]);
    expect(order).toEqual(['0 at 1', '0 at 2', '1 at 2', '1 at 3', '1 at 4', '0 at 7', '0 at 8']);
  });
});
