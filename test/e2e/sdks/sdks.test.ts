import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../../examples/shop/run/free-ports.ts';
import { startSpanloom } from '../../../examples/shop/run/spanloom.ts';
import { makeWorkDir, removeWorkDir } from '../../../examples/shop/run/work-dir.ts';
import { structureProblems } from '../../support/compare-trees.ts';
import { renderTree } from '../../support/expected-tree.ts';
import { readSpans, type Span } from '../../support/otlp-json.ts';
import { writeConfig } from '../../support/spanloom-config.ts';
import { Chain } from './chain.ts';
import { install, missingFor } from './languages.ts';

const PROTOCOLS = ['grpc', 'http/protobuf'] as const;
const REQUESTS = 5;
const PATIENCE_MS = 60_000;

/** `●` marks a span of the SDK, `○` one of nobody's but the kernel's. */
const TREE = [
  'front SERVER ●',
  '  front CLIENT ●',
  '    plain SERVER ○',
  '      plain CLIENT ○',
  '        back SERVER ●',
].join('\n');

function tree(spans: readonly Span[]): string {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return renderTree(
    spans,
    (span) => byId.get(span.parentSpanId),
    ({ resource, kind, scope }) => `${resource['service.name']} ${kind} ${scope === 'spanloom' ? '○' : '●'}`,
  );
}

describe.each(['go', 'java'] as const)('services with the %s SDK at its defaults', (language) => {
  const missing = missingFor(language);
  let workDir: string;
  beforeAll(() => {
    workDir = makeWorkDir();
    if (!missing) install(language);
  });
  afterAll(() => removeWorkDir(workDir));

  const titled = missing ? it.skip : it;
  titled(
    `in front of and behind one without are in one trace each${missing ? ` (${missing})` : ''}`,
    async () => {
      const [grpc, http] = (await freePorts(2)) as [number, number];
      const chains: Chain[] = [];
      const watched: number[] = [];
      const output = join(workDir, 'traces.jsonl');
      try {
        for (const protocol of PROTOCOLS) {
          const [front, plain, back] = (await freePorts(3)) as [number, number, number];
          watched.push(front, plain, back);
          const otlp = `http://127.0.0.1:${protocol === 'grpc' ? grpc : http}`;
          chains.push(
            await Chain.start({ language, protocol, otlp, ports: { front, plain, back }, workDir }),
          );
        }
        const spanloom = await startSpanloom({
          configFile: writeConfig(workDir, 'live', {
            ebpf: { instrument: [{ open_ports: watched.join(',') }] },
            otlp: { grpc, http },
            correlate: {},
            output,
          }),
          logFile: join(workDir, 'spanloom.log'),
        });
        try {
          for (let i = 0; i < REQUESTS; i++)
            for (const { url } of chains) expect(await (await fetch(`${url}/hello`)).text()).toBe('hello\n');
          const expected = REQUESTS * chains.length * TREE.split('\n').length;
          for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(250))
            if (readSpans(output).length >= expected) break;
        } finally {
          await spanloom.stop();
        }
      } finally {
        await Promise.all(chains.map((chain) => chain.stop()));
      }
      const spans = readSpans(output);
      expect(structureProblems(spans)).toEqual([]);
      const traceIds = [...new Set(spans.map((span) => span.traceId))];
      const trees = traceIds.map((id) => tree(spans.filter((span) => span.traceId === id)));
      expect(trees).toEqual(Array(REQUESTS * PROTOCOLS.length).fill(TREE));
    },
  );
});
