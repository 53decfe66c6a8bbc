import { describe, expect, it } from 'vitest';
import { type LedgerRecord, label } from '../../examples/shop/ledger.ts';
import { treeProblems } from '../support/compare-trees.ts';
import { expectedMerge, type Merge } from '../support/expected-merge.ts';
import { renderTree } from '../support/expected-tree.ts';
import type { Span } from '../support/otlp-json.ts';

/** `web` (SDK) calls `stock` (zero-code), which calls `price` (SDK, a trace of its own), which asks Redis. */
const LEDGER: readonly LedgerRecord[] = [
  record('web', 'client', 1, 80, 'a'),
  record('stock', 'server', 80, 1),
  record('stock', 'client', 2, 90),
  record('price', 'server', 90, 2, 'b'),
  record('price', 'client', 3, 6379),
];

function record(
  service: string,
  kind: 'client' | 'server',
  localPort: number,
  remotePort: number,
  sdk?: string,
): LedgerRecord {
  return {
    service,
    kind,
    system: 'http',
    operation: 'GET /',
    label: label(0),
    pid: 1,
    localPort,
    remotePort,
    sequence: 1,
    startUnixNano: '0',
    endUnixNano: '9',
    ...(sdk && { traceId: sdk.repeat(32), spanId: sdk.repeat(16) }),
  };
}

function expected(merge: Merge): { tree: string; links: string[] } {
  const { records, causes, linked } = expectedMerge(LEDGER, merge);
  const text = ({ service, kind, spanId }: LedgerRecord) => `${service} ${kind}${spanId ? ' sdk' : ''}`;
  return {
    tree: renderTree(records, (record) => causes.get(record), text),
    links: [...linked].map(([from, to]) => `${text(from)} → ${text(to)}`),
  };
}

describe('expectedMerge', () => {
  it('hangs what one program did under what another recorded', () => {
    expect(expected({ overlap: 'enrich', trace_conflict: 'rewrite' })).toEqual({
      tree: [
        'web client sdk',
        '  stock server',
        '    stock client',
        '      price server sdk',
        '        price client',
      ].join('\n'),
      links: [],
    });
  });

  it('has both spans of a pair, the zero-code ones on the wire’s side', () => {
    expect(expected({ overlap: 'nest', trace_conflict: 'rewrite' }).tree).toBe(
      [
        'web client sdk',
        '  web client',
        '    stock server',
        '      stock client',
        '        price server',
        '          price server sdk',
        '            price client',
      ].join('\n'),
    );
  });

  it('links the trace of an SDK that heard of none above it', () => {
    expect(expected({ overlap: 'enrich', trace_conflict: 'link' })).toEqual({
      tree: [
        'price server sdk',
        '  price client',
        'web client sdk',
        '  stock server',
        '    stock client',
      ].join('\n'),
      links: ['price server sdk → stock client'],
    });
    expect(expected({ overlap: 'nest', trace_conflict: 'link' }).links).toEqual([
      'price server sdk → price server',
    ]);
  });

  it('is what treeProblems holds spans against: trees, traces and links', () => {
    const merge: Merge = { overlap: 'enrich', trace_conflict: 'link' };
    const spans = LEDGER.map((record, i): Span => {
      const first = i < 3 ? 0 : 3;
      return {
        traceId: LEDGER[first]!.traceId!,
        spanId: record.spanId ?? String(i).repeat(16),
        parentSpanId: i === first ? '' : (LEDGER[i - 1]!.spanId ?? String(i - 1).repeat(16)),
        name: record.operation,
        kind: record.kind === 'server' ? 'SERVER' : 'CLIENT',
        startUnixNano: 0n,
        endUnixNano: 9n,
        statusCode: 0,
        attributes: { 'network.local.port': record.localPort, 'network.peer.port': record.remotePort },
        links: i === 3 ? [{ traceId: 'a'.repeat(32), spanId: '2'.repeat(16) }] : [],
        resource: { 'service.name': record.service, 'process.pid': record.pid },
        scope: record.spanId ? 'sdk' : 'spanloom',
      };
    });
    const problems = (spans: readonly Span[], how: Merge) => treeProblems(spans, LEDGER, [label(0)], how);
    expect(problems(spans, merge)).toEqual([]);
    expect(problems(spans, { overlap: 'enrich', trace_conflict: 'rewrite' })).not.toEqual([]);
    expect(
      problems(
        spans.map((span) => ({ ...span, links: [] })),
        merge,
      ),
    ).not.toEqual([]);
    expect(
      problems(
        spans.map((span) => ({ ...span, traceId: 'a'.repeat(32) })),
        merge,
      ),
    ).toContain(`${label(0)}: 1 traces instead of 2`);
  });
});
