import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerRecord } from '../../examples/shop/ledger.ts';
import { sendAsInstrumentedCustomer } from '../../examples/shop/run/customer.ts';
import { runSpanloom } from '../../examples/shop/run/spanloom.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { blankLabels } from '../support/blank-labels.ts';
import { treeProblems } from '../support/compare-trees.ts';
import { expectedTrees } from '../support/expected-tree.ts';
import { linksOf } from '../support/links.ts';
import { type Observed, observeShop } from '../support/observe-shop.ts';
import { readSpans, type Span } from '../support/otlp-json.ts';
import { writeConfig } from '../support/spanloom-config.ts';

const LOAD = { orders: 200, concurrency: 10 };

const ORDER_TREE = [
  'nginx SERVER http POST /order',
  '  nginx CLIENT http POST /order',
  '    web SERVER http POST /order',
  '      web CLIENT http POST /stock',
  '        stock SERVER http POST /stock',
  '          stock CLIENT http POST /price',
  '            price SERVER http POST /price',
  '              price CLIENT redis GET',
  '          stock CLIENT postgresql SELECT',
  '          stock CLIENT redis GET',
];

function sdkTraceIds(ledger: readonly LedgerRecord[], service: string, labels: readonly string[]): string[] {
  const own = ledger.filter(
    (r) => r.service === service && r.spanId !== undefined && labels.includes(r.label),
  );
  return [...new Set(own.map((record) => record.traceId!))].sort();
}

function traceIds(spans: readonly Span[]): string[] {
  return [...new Set(spans.map((span) => span.traceId))].sort();
}

/** The spans of the sent orders; SDK spans of orders before Spanloom's start may come late. */
function ownSpans({ spans, ledger, labels }: Observed): Span[] {
  const others = new Set(ledger.filter((r) => !labels.includes(r.label)).map((record) => record.spanId));
  return spans.filter((span) => !others.has(span.spanId));
}

function expectOneTreeForEachOrder(observed: Observed, tree: readonly string[], rootService: string): void {
  const { spans, ledger, labels, before, after } = observed;
  const expected = expectedTrees(ledger);
  for (const label of labels) expect(expected.get(label)).toBe(tree.join('\n'));
  const problems = treeProblems(spans, ledger, labels);
  expect(problems, problems.slice(-3).join('\n\n')).toEqual([]);
  expect(traceIds(ownSpans(observed)), 'the id of the SDK nearest the root is kept').toEqual(
    sdkTraceIds(ledger, rootService, labels),
  );
  expect(after, 'nothing was restarted').toEqual(before);
}

describe('200 orders, 10 at a time', () => {
  const directories: string[] = [];
  const newDirectory = () => {
    const directory = makeWorkDir();
    directories.push(directory);
    return directory;
  };
  afterAll(() => {
    for (const directory of directories) removeWorkDir(directory);
  });

  describe('sent by a client that nobody instrumented, with the capture recorded', () => {
    let workDir: string;
    let recording: string;
    let observed: Observed;

    async function replay(name: string, file: string): Promise<string[]> {
      const output = join(workDir, `${name}.jsonl`);
      await runSpanloom({
        configFile: writeConfig(workDir, name, { ebpf: { replay: file }, correlate: {}, output }),
        logFile: join(workDir, `${name}.log`),
      });
      return linksOf(readSpans(output));
    }

    beforeAll(async () => {
      workDir = newDirectory();
      recording = join(workDir, 'capture.rec');
      observed = await observeShop({ ...LOAD, workDir, ebpf: { record: recording } });
    });

    it('are one trace each, with the tree that the programs recorded', () => {
      expectOneTreeForEachOrder(observed, ORDER_TREE, 'web');
    });

    it('keep the trace id that the SDK of price began with in an attribute', () => {
      const priceRecords = observed.ledger.filter((r) => r.service === 'price' && r.kind === 'server');
      const original = new Map(priceRecords.map((record) => [record.spanId, record.traceId]));
      const spans = ownSpans(observed).filter((span) => original.has(span.spanId));
      expect(spans).toHaveLength(LOAD.orders);
      for (const span of spans)
        expect(span.attributes['spanloom.original_trace_id']).toBe(original.get(span.spanId));
    });

    it('are linked alike in a replay, with and without the labels that tell them apart', async () => {
      const blanked = join(workDir, 'blanked.rec');
      expect(blankLabels(recording, blanked)).toBeGreaterThan(LOAD.orders * 8);
      const links = await replay('replay', recording);
      expect(links).toEqual(linksOf(observed.spans));
      expect(await replay('blanked', blanked)).toEqual(links);
    });
  });

  it('sent by a client with an SDK, are one trace each that starts at that client', async () => {
    const observed = await observeShop({
      ...LOAD,
      workDir: newDirectory(),
      send: sendAsInstrumentedCustomer,
    });
    const tree = ['customer CLIENT http POST /order', ...ORDER_TREE.map((line) => `  ${line}`)];
    expectOneTreeForEachOrder(observed, tree, 'customer');
  });

  it('with SDKs that export 5 s later than usual, are one trace each when the decision waits for them', async () => {
    const observed = await observeShop({
      ...LOAD,
      workDir: newDirectory(),
      sdkExportDelayMs: 10_000,
      correlate: { decision_wait: '20s' },
    });
    expectOneTreeForEachOrder(observed, ORDER_TREE, 'web');
  });
});
