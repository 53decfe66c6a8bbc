import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readContext } from '../../../src/correlate/context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const others = (headers: Record<string, string>) => ({ others: headers, complete: true });

describe('the context of a request', () => {
  it('is read from traceparent and tracestate', () => {
    const headers = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'ot=th:8', complete: true };
    expect(readContext(headers)).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      sampled: true,
      traceState: 'ot=th:8',
    });
  });

  it('keeps that the caller did not sample', () => {
    expect(readContext({ traceparent: `00-${TRACE}-${SPAN}-00`, complete: true })).toMatchObject({
      sampled: false,
    });
  });

  it('is read from later versions of traceparent as far as version 00 goes, and not from ff', () => {
    expect(readContext({ traceparent: `cc-${TRACE}-${SPAN}-01-what-comes`, complete: true })).toMatchObject({
      traceId: TRACE,
    });
    expect(readContext({ traceparent: `ff-${TRACE}-${SPAN}-01`, complete: true })).toBe('none');
    expect(readContext({ traceparent: `00-${TRACE}-${SPAN}-01-more`, complete: true })).toBe('none');
  });

  it('is none where an id is all zero', () => {
    expect(readContext({ traceparent: `00-${'0'.repeat(32)}-${SPAN}-01`, complete: true })).toBe('none');
    expect(readContext({ traceparent: `00-${TRACE}-${'0'.repeat(16)}-01`, complete: true })).toBe('none');
  });

  it('is read from b3 in one header, short trace ids padded', () => {
    expect(readContext(others({ b3: `${TRACE}-${SPAN}-1` }))).toMatchObject({
      traceId: TRACE,
      spanId: SPAN,
      sampled: true,
    });
    expect(readContext(others({ b3: `${SPAN}-${SPAN}-0-${SPAN}` }))).toMatchObject({
      traceId: SPAN.padStart(32, '0'),
      sampled: false,
    });
    expect(readContext(others({ b3: '0' }))).toBe('none');
  });

  it('is read from b3 in several headers, debug meaning sampled', () => {
    const headers = { 'x-b3-traceid': TRACE, 'x-b3-spanid': SPAN };
    expect(readContext(others({ ...headers, 'x-b3-sampled': '0' }))).toMatchObject({ sampled: false });
    expect(readContext(others({ ...headers, 'x-b3-sampled': '0', 'x-b3-flags': '1' }))).toMatchObject({
      sampled: true,
    });
    expect(readContext(others(headers))).toMatchObject({ traceId: TRACE, spanId: SPAN, sampled: true });
  });

  it('is read from uber-trace-id, leading zeros left out and colons encoded', () => {
    expect(readContext(others({ 'uber-trace-id': `${TRACE}:${SPAN}:0:1` }))).toMatchObject({
      spanId: SPAN,
      sampled: true,
    });
    expect(readContext(others({ 'uber-trace-id': 'abc%3A1%3A0%3A0' }))).toMatchObject({
      traceId: 'abc'.padStart(32, '0'),
      spanId: '1'.padStart(16, '0'),
      sampled: false,
    });
  });

  it('is read from sw8, the same ids for the same parent', () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const sw8 = (span: number, sampled = '1') =>
      others({
        sw8: `${sampled}-${base64('5.6.7')}-${base64('1.2.3')}-${span}-${base64('s')}-${base64('i')}-${base64('e')}-${base64('t')}`,
      });
    const first = readContext(sw8(3));
    expect(first).toMatchObject({ traceId: expect.stringMatching(/^[0-9a-f]{32}$/), sampled: true });
    expect(readContext(sw8(3))).toEqual(first);
    expect(readContext(sw8(4))).not.toEqual(first);
    expect(readContext(sw8(3, '0'))).toMatchObject({ sampled: false });
  });

  it('believes traceparent before b3', () => {
    const headers = {
      traceparent: `00-${TRACE}-${SPAN}-01`,
      others: { b3: `${SPAN}-${SPAN}-1` },
      complete: true,
    };
    expect(readContext(headers)).toMatchObject({ traceId: TRACE });
  });

  it('is unknown, not absent, where headers were cut away', () => {
    expect(readContext({ complete: false })).toBe('unknown');
    expect(readContext({ complete: true })).toBe('none');
    expect(readContext(undefined)).toBe('none');
  });

  it('is well formed or none, whatever the headers hold', () => {
    const name = fc.constantFrom('b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled', 'uber-trace-id', 'sw8');
    const value = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:%-]{0,60}$/));
    fc.assert(
      fc.property(value, fc.dictionary(name, value), (traceparent, headers) => {
        const context = readContext({ traceparent, others: headers, complete: true });
        if (context === 'none') return;
        expect(context).toMatchObject({
          traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
          spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
        });
      }),
    );
  });
});
