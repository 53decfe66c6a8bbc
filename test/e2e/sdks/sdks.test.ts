import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../../examples/shop/run/free-ports.ts';
import { startSpanloom } from '../../../examples/shop/run/spanloom.ts';
import { makeWorkDir, removeWorkDir } from '../../../examples/shop/run/work-dir.ts';
import { structureProblems } from '../../support/compare-trees.ts';
import { renderTree } from '../../support/expected-tree.ts';
import { readSpans, type Span } from '../../support/otlp-json.ts';
import { Chain } from './chain.ts';
import { WAYS, type Way, writeFourWays } from './four-ways.ts';
import { install, type LANGUAGES, missingFor } from './languages.ts';

const PROTOCOLS = ['grpc', 'http/protobuf'] as const;
const REQUESTS = 5;
const PATIENCE_MS = 60_000;

/** `●` marks a span of the SDK, `○` one of nobody's but the kernel's; `⇢` hangs by a span link, in a trace of its own. */
const TREES: Readonly<Record<Way, readonly string[]>> = {
  'enrich, rewrite': [
    'front SERVER ●',
    '  front CLIENT ●',
    '    plain SERVER ○',
    '      plain CLIENT ○',
    '        back SERVER ●',
  ],
  'enrich, link': [
    'front SERVER ●',
    '  front CLIENT ●',
    '    plain SERVER ○',
    '      plain CLIENT ○',
    '        ⇢ back SERVER ●',
  ],
  'nest, rewrite': [
    'front SERVER ○',
    '  front SERVER ●',
    '    front CLIENT ●',
    '      front CLIENT ○',
    '        plain SERVER ○',
    '          plain CLIENT ○',
    '            back SERVER ○',
    '              back SERVER ●',
  ],
  'nest, link': [
    'front SERVER ○',
    '  front SERVER ●',
    '    front CLIENT ●',
    '      front CLIENT ○',
    '        plain SERVER ○',
    '          plain CLIENT ○',
    '            back SERVER ○',
    '              ⇢ back SERVER ●',
  ],
};

/** One tree for each span that hangs nowhere. */
function trees(spans: readonly Span[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const above = (span: Span) => byId.get(span.parentSpanId || (span.links[0]?.spanId ?? ''));
  const rootOf = (span: Span): Span => {
    const parent = above(span);
    return parent ? rootOf(parent) : span;
  };
  const text = ({ resource, kind, scope, parentSpanId, links }: Span) =>
    `${parentSpanId === '' && links.length > 0 ? '⇢ ' : ''}${resource['service.name']} ${kind} ${scope === 'spanloom' ? '○' : '●'}`;
  return spans
    .filter((span) => !above(span))
    .map((root) =>
      renderTree(
        spans.filter((span) => rootOf(span) === root),
        above,
        text,
      ),
    );
}

describe.each(['javascript', 'python', 'go', 'java'] as const)(
  'services with the %s SDK at its defaults',
  (language) => {
    const missing = missingFor(language);
    const spans = new Map<Way, readonly Span[]>();
    let workDir: string;
    beforeAll(async () => {
      workDir = makeWorkDir();
      if (missing) return;
      install(language);
      for (const [way, seen] of await observe(workDir, language)) spans.set(way, seen);
    });
    afterAll(() => removeWorkDir(workDir));

    for (const way of WAYS)
      (missing ? it.skip : it)(
        `in front of and behind one without are one tree for each request: ${way}${missing ? ` (${missing})` : ''}`,
        () => {
          const seen = spans.get(way)!;
          expect(structureProblems(seen)).toEqual([]);
          expect(trees(seen)).toEqual(Array(REQUESTS * PROTOCOLS.length).fill(TREES[way].join('\n')));
        },
      );
  },
);

/** Sends requests through a chain for each protocol of the SDK's exporter, while Spanloom merges them in every way. */
async function observe(
  workDir: string,
  language: keyof typeof LANGUAGES,
): Promise<[way: Way, spans: readonly Span[]][]> {
  const [grpc, http] = (await freePorts(2)) as [number, number];
  const chains: Chain[] = [];
  const watched: number[] = [];
  try {
    for (const protocol of PROTOCOLS) {
      const [front, plain, back] = (await freePorts(3)) as [number, number, number];
      watched.push(front, plain, back);
      const otlp = `http://127.0.0.1:${protocol === 'grpc' ? grpc : http}`;
      chains.push(await Chain.start({ language, protocol, otlp, ports: { front, plain, back }, workDir }));
    }
    const instrument = [{ open_ports: watched.join(',') }];
    const { configFile, outputs } = writeFourWays(workDir, { instrument }, { grpc, http });
    const spanloom = await startSpanloom({ configFile, logFile: join(workDir, 'spanloom.log') });
    try {
      for (let i = 0; i < REQUESTS; i++)
        for (const { url } of chains) expect(await (await fetch(`${url}/hello`)).text()).toBe('hello\n');
      const complete = (way: Way) =>
        readSpans(outputs[way]).length >= REQUESTS * chains.length * TREES[way].length;
      for (const end = Date.now() + PATIENCE_MS; Date.now() < end && !WAYS.every(complete); )
        await sleep(250);
    } finally {
      await spanloom.stop();
    }
    return WAYS.map((way) => [way, readSpans(outputs[way])]);
  } finally {
    await Promise.all(chains.map((chain) => chain.stop()));
  }
}
