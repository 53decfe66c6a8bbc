import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { label } from '../../examples/shop/ledger.ts';
import { treeProblems } from '../support/compare-trees.ts';
import { expectedTrees } from '../support/expected-tree.ts';
import type { Span } from '../support/otlp-json.ts';
import { madeLedger, madeSpans } from './made-orders.ts';

const ORDERS = 5;
const ledger = madeLedger(ORDERS);
const labels = Array.from({ length: ORDERS }, (_, i) => label(i));

function changed(index: number, change: Partial<Span>): Span[] {
  return madeSpans(ORDERS).map((span, i) => (i === index ? { ...span, ...change } : span));
}

describe('expectedTrees', () => {
  it('follows connections between programs and labels within one', () => {
    expect(expectedTrees(ledger).get(label(3))).toBe(
      [
        'front SERVER http POST /order',
        '  front CLIENT http POST /order',
        '    back SERVER http POST /order',
        '      back CLIENT redis GET',
      ].join('\n'),
    );
  });

  it('refuses records that leave the cause open', () => {
    expect(() => expectedTrees([...ledger, { ...ledger[0]!, sequence: 99 }])).toThrow(
      /do not say which of 2/,
    );
  });
});

describe('treeProblems', () => {
  it('finds nothing wrong with the right spans, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(madeSpans(ORDERS), { minLength: 4 * ORDERS }), (spans) => {
        expect(treeProblems(spans, ledger, labels)).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('notices any span that is missing', () => {
    for (let missing = 0; missing < 4 * ORDERS; missing++) {
      const spans = madeSpans(ORDERS).filter((_, i) => i !== missing);
      expect(treeProblems(spans, ledger, labels), `without span ${missing}`).not.toEqual([]);
    }
  });

  it('notices any span put under another one', () => {
    const spans = madeSpans(ORDERS);
    for (let i = 0; i < spans.length; i++)
      for (const parent of spans) {
        const { parentSpanId, spanId } = spans[i]!;
        if (parent.spanId === parentSpanId || parent.spanId === spanId) continue;
        const problems = treeProblems(changed(i, { parentSpanId: parent.spanId }), ledger, labels);
        expect(problems, `${i} under ${parent.spanId}`).not.toEqual([]);
      }
  });

  it('notices two orders whose calls were swapped although both trees have the right shape', () => {
    const spans = madeSpans(ORDERS);
    const [a, b] = [spans[3]!, spans[7]!];
    const swapped = spans.map((span) =>
      span === a || span === b
        ? { ...span, parentSpanId: (span === a ? b : a).parentSpanId, traceId: (span === a ? b : a).traceId }
        : span,
    );
    expect(treeProblems(swapped, ledger, labels)).not.toEqual([]);
  });

  it('says what differs and shows the trees', () => {
    const problems = treeProblems(changed(7, { parentSpanId: '' }), ledger, labels);
    expect(problems).toContain(
      'ord-000001: back CLIENT redis GET is under nothing, not under back SERVER http POST /order',
    );
    expect(problems.at(-1)).toContain('ord-000001, expected:\nfront SERVER');
    expect(problems.at(-1)).toContain(
      'ord-000001, in the output:\nback CLIENT redis GET [ord-000001] trace f0000000',
    );
  });

  it.each([
    ['a parent that is nowhere', 1, { parentSpanId: 'eeeeeeeeeeeeeeee' }],
    ['a span id twice', 4, { spanId: madeSpans(ORDERS)[0]!.spanId }],
    ['a zero-code span that starts before its parent', 1, { startUnixNano: -1n }],
    ['a zero-code span that starts after its parent', 1, { startUnixNano: 901n }],
    ['a wrong kind of an SDK span', 2, { kind: 'INTERNAL' }],
    ['a wrong service', 2, { resource: { 'service.name': 'front' } }],
    ['a wrong process', 3, { resource: { 'service.name': 'back', 'process.pid': 10 } }],
    [
      'a span of another connection',
      3,
      { attributes: { 'network.local.port': 1, 'network.peer.port': 6379 } },
    ],
  ] as const)('notices %s', (_, index, change) => {
    expect(treeProblems(changed(index, change), ledger, labels)).not.toEqual([]);
  });

  it('lets a zero-code span start before an SDK parent by as much as the SDK rounds its times', () => {
    expect(treeProblems(changed(3, { startUnixNano: 200n - 1_000_000n }), ledger, labels)).toEqual([]);
    expect(treeProblems(changed(3, { startUnixNano: 200n - 3_000_000n }), ledger, labels)).not.toEqual([]);
  });

  it('notices orders that share a trace and an order in two traces', () => {
    const shared = madeSpans(ORDERS).map((span) => ({ ...span, traceId: madeSpans(1)[0]!.traceId }));
    expect(treeProblems(shared, ledger, labels).join('\n')).toContain(
      'ord-000001 and ord-000000 share trace',
    );
    const split = madeSpans(ORDERS).map((span, i) => (i === 0 ? { ...span, traceId: 'e'.repeat(32) } : span));
    expect(treeProblems(split, ledger, labels).join('\n')).toContain('ord-000000: 2 traces instead of one');
  });

  it('notices a span that no record explains, and lets SDK spans of other orders pass', () => {
    const more = madeSpans(ORDERS + 1);
    const sdkSpan = { ...more[4 * ORDERS + 2]!, parentSpanId: '' };
    const all = madeLedger(ORDERS + 1);
    expect(treeProblems([...madeSpans(ORDERS), sdkSpan], all, labels)).toEqual([]);
    expect(treeProblems([...madeSpans(ORDERS), sdkSpan], ledger, labels).join('\n')).toContain(
      'no record explains',
    );
  });

  it('does not trust records of which two claim the same place on a connection', () => {
    const clash = ledger.map((record, i) => (i === 4 ? { ...record, sequence: 1 } : record));
    expect(treeProblems(madeSpans(ORDERS), clash, labels).join('\n')).toContain(
      'as the same one on server 80-40000',
    );
  });

  it('notices an order that nobody recorded', () => {
    expect(treeProblems(madeSpans(ORDERS), ledger, [...labels, label(77)])).toContain(
      'ord-000077: nothing recorded',
    );
  });
});
