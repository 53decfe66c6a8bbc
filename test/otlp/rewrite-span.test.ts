import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeSpanAttributes } from '../../src/otlp/attributes.ts';
import { idBytes } from '../../src/otlp/ids.ts';
import { MalformedOtlpError } from '../../src/otlp/malformed.ts';
import { rewriteSpan } from '../../src/otlp/rewrite-span.ts';
import { Span } from '../../src/otlp/schema/trace.ts';
import { encodeSpanLink } from '../../src/otlp/span-link.ts';
import { arbitraryMessage } from './support/arbitrary-request.ts';
import { decodeSpan } from './support/oracle.ts';
import { attribute, concat, int, len } from './support/wire.ts';

const TRACE_ID = idBytes('0af7651916cd43dd8448eb211c80319c');
const PARENT = idBytes('00f067aa0ba902b7');
const id = (size: number) => fc.uint8Array({ minLength: size, maxLength: size });

describe('rewriteSpan', () => {
  it('changes what it is asked to and nothing else, in any span', () => {
    const change = fc.record(
      { traceId: id(16), parentSpanId: id(8), attributes: fc.constant(encodeSpanAttributes([['k', 'v']])) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(arbitraryMessage(Span), change, (span, { traceId, parentSpanId, attributes }) => {
        const before = span.slice();
        const rewritten = decodeSpan(
          rewriteSpan(span, {
            ...(traceId && { traceId }),
            ...(parentSpanId && { parentSpanId }),
            ...(attributes && { attributes }),
          }),
        );
        const original = decodeSpan(span);
        const plainIds = (plain: ReturnType<typeof decodeSpan>) => ({
          ...plain,
          traceId: Buffer.from(plain.traceId ?? []).toString('hex'),
          parentSpanId: Buffer.from(plain.parentSpanId ?? []).toString('hex'),
        });
        expect(plainIds(rewritten)).toEqual(
          plainIds({
            ...original,
            ...(traceId && { traceId }),
            ...(parentSpanId && { parentSpanId }),
            ...(attributes && {
              attributes: [...(original.attributes ?? []), { key: 'k', value: { stringValue: 'v' } }],
            }),
          }),
        );
        expect(span).toEqual(before);
      }),
    );
  });

  it('overwrites ids where they stand', () => {
    const parts = (traceId: Uint8Array, parent: Uint8Array) =>
      concat(int(900, 1), len(4, parent), len(5, 'name'), len(1, traceId), len(901, 'unknown'));
    const span = parts(new Uint8Array(16).fill(1), new Uint8Array(8).fill(2));
    expect(rewriteSpan(span, { traceId: TRACE_ID, parentSpanId: PARENT })).toEqual(parts(TRACE_ID, PARENT));
  });

  it('appends what is missing, behind all that stood there', () => {
    const span = concat(len(5, 'name'), len(901, 'unknown'));
    const attributes = attribute(9, 'old.parent', 'x');
    const links = encodeSpanLink({ traceId: TRACE_ID, spanId: PARENT });
    expect(rewriteSpan(span, { traceId: TRACE_ID, parentSpanId: PARENT, attributes, links })).toEqual(
      concat(span, len(1, TRACE_ID), len(4, PARENT), attributes, links),
    );
  });

  it('leaves exactly one id where a broken one or several stood', () => {
    const span = concat(len(4, new Uint8Array(3)), len(5, 'a'), len(4), len(4, new Uint8Array(8).fill(9)));
    expect(rewriteSpan(span, { parentSpanId: PARENT })).toEqual(concat(len(5, 'a'), len(4, PARENT)));
  });

  it('takes the parent away when the new one is empty', () => {
    const span = concat(len(5, 'a'), len(4, PARENT), len(901, 'unknown'));
    expect(rewriteSpan(span, { parentSpanId: new Uint8Array() })).toEqual(
      concat(len(5, 'a'), len(901, 'unknown')),
    );
  });

  it('writes links that another implementation reads', () => {
    const links = encodeSpanLink({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: PARENT,
      attributes: [['spanloom.link', 'thread']],
      traceState: 'a=b',
      flags: 0x301,
    });
    expect(decodeSpan(rewriteSpan(new Uint8Array(), { links })).links).toEqual([
      {
        traceId: TRACE_ID,
        spanId: PARENT,
        traceState: 'a=b',
        attributes: [{ key: 'spanloom.link', value: { stringValue: 'thread' } }],
        flags: 0x301,
      },
    ]);
  });

  it('gives a span or MalformedOtlpError for garbage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (garbage) => {
        try {
          rewriteSpan(garbage, { traceId: TRACE_ID, parentSpanId: PARENT });
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedOtlpError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
