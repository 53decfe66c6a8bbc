import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import type { EdgeRow, Report } from '../../src/doctor/report.ts';
import type { Explanations } from '../../src/explain/explanation.ts';
import { type Examined, examineShop, ORDERS } from './doctor/examine-shop.ts';
import { type Ended, runCli } from './doctor/run-cli.ts';

function reportOf({ stdout, stderr }: Ended): Report {
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Report;
}

function edge(report: Report, client: string, server: string): EdgeRow | undefined {
  return report.edges.find((row) => row.client === client && row.server === server);
}

const named = ({ findings }: Report) =>
  findings.map(({ code, severity, service, peer }) => ({ code, severity, service, peer }));

describe('the doctor, with the shop', () => {
  const directories: string[] = [];
  const newDirectory = () => {
    const directory = makeWorkDir();
    directories.push(directory);
    return directory;
  };
  afterAll(() => {
    for (const directory of directories) removeWorkDir(directory);
  });

  describe('as it is: stock forwards no header', () => {
    let workDir: string;
    let examined: Examined;
    let live: Report;
    let replayed: Report;

    beforeAll(async () => {
      workDir = newDirectory();
      examined = await examineShop({ workDir });
      live = reportOf(examined.live);
      replayed = reportOf(await runCli('doctor', '--replay', examined.recording, '--format', 'json'));
    });

    it('names the hop that drops the header and the service that begins its own trace, and nothing else', () => {
      expect(named(live)).toEqual([
        { code: 'context_dropped', severity: 'problem', service: 'stock', peer: 'price' },
        { code: 'trace_restarted', severity: 'problem', service: 'price', peer: 'stock' },
      ]);
      const [dropped, restarted] = live.findings;
      expect(dropped!.counts).toMatchObject({ calls: ORDERS, dropped: ORDERS });
      expect(restarted!.counts).toMatchObject({ requests: ORDERS, restarted: ORDERS });
      for (const { examples } of live.findings) expect(examples.length).toBeGreaterThan(0);
      expect(examined.live.exitCode).toBe(1);
    });

    it('counts the calls of each edge and what context went along', () => {
      expect(edge(live, 'outside', 'nginx')).toMatchObject({ calls: ORDERS, no_context: ORDERS });
      expect(edge(live, 'nginx', 'web')).toMatchObject({ calls: ORDERS, no_context: ORDERS });
      expect(edge(live, 'web', 'stock')).toMatchObject({ calls: ORDERS, context: { traceparent: ORDERS } });
      expect(edge(live, 'stock', 'price')).toMatchObject({ calls: ORDERS, no_context: ORDERS });
      const redis = live.edges.filter(({ protocol }) => protocol === 'redis');
      expect(redis.map(({ client, context_impossible }) => [client, context_impossible])).toEqual(
        expect.arrayContaining([
          ['stock', ORDERS],
          ['price', ORDERS],
        ]),
      );
    });

    it('finds the same in a replay of what it recorded', () => {
      expect(replayed.findings).toEqual(live.findings);
      expect(replayed.edges).toEqual(live.edges);
      expect(replayed.services).toEqual(live.services);
      expect(replayed.recording).toBe(examined.recording);
    });

    it('tells people the same in words', async () => {
      const { stdout, exitCode } = await runCli('doctor', '--replay', examined.recording);
      expect(exitCode).toBe(1);
      expect(stdout).toMatch(/^PROBLEM context_dropped {2}stock -> price$/m);
      expect(stdout).toMatch(/^stock +price +http +60 +none +<- context_dropped, trace_restarted$/m);
      expect(stdout).not.toContain('\x1b');
    });

    it('names spans that explain tells more of, from the recording', async () => {
      const { trace_id, span_id } = live.findings[0]!.examples[0]!;
      const asked = ['explain', examined.recording, span_id, '--trace-id', trace_id];
      const { stdout, stderr, exitCode } = await runCli(...asked, '--format', 'json');
      expect(exitCode, stderr).toBe(0);
      const [explanation] = (JSON.parse(stdout) as Explanations).spans;
      expect(explanation!.span).toMatchObject({ trace_id, span_id, service: 'stock', kind: 'CLIENT' });
      const evidence = explanation!.topics.find(({ topic }) => topic === 'evidence')!.facts;
      expect(evidence).toContainEqual(expect.objectContaining({ code: 'linked', evidence: 'thread' }));
      const words = await runCli(...asked);
      expect(words.stdout).toMatch(/It hangs under the SERVER span [0-9a-f]{16} of stock, POST \/stock/);
    });

    it('sends nothing to the exporters of the configuration', () => {
      expect(existsSync(join(workDir, 'not-written.jsonl'))).toBe(false);
    });
  });

  it('finds nothing where every service forwards the context or has an SDK', async () => {
    const { live, recording } = await examineShop({
      workDir: newDirectory(),
      stockForwards: ['traceparent', 'tracestate'],
    });
    expect(reportOf(live).findings).toEqual([]);
    expect(reportOf(live)).toMatchObject({ healthy: true });
    expect(edge(reportOf(live), 'stock', 'price')).toMatchObject({ context: { traceparent: ORDERS } });
    expect(live.exitCode).toBe(0);
    const replayed = await runCli('doctor', '--replay', recording);
    expect(replayed.stdout).toContain('No problem was found.');
    expect(replayed.exitCode).toBe(0);
  });

  it('names an SDK that ignores the context that came, and one whose spans arrive nowhere', async () => {
    const { live } = await examineShop({
      workDir: newDirectory(),
      stockForwards: ['traceparent'],
      sdkServices: {
        web: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' },
        price: { OTEL_PROPAGATORS: 'baggage' },
      },
    });
    const report = reportOf(live);
    expect(named(report)).toEqual([
      { code: 'context_ignored', severity: 'problem', service: 'price', peer: 'stock' },
      { code: 'spans_undelivered', severity: 'problem', service: 'web', peer: null },
    ]);
    const [ignored, undelivered] = report.findings;
    expect(ignored!.counts).toEqual({ ignored: ORDERS });
    expect(undelivered!.counts).toEqual({ named: ORDERS, undelivered: ORDERS });
  });

  it('ends with 2 and says why where it cannot look', async () => {
    const { exitCode, stdout, stderr } = await runCli('doctor', '--replay', join(newDirectory(), 'none.rec'));
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('SPANLOOM_RECORDING_READ');
    const mistyped = await runCli('doctor', '--for', 'soon');
    expect(mistyped.exitCode).toBe(2);
    expect(mistyped.stderr).toContain('--for');
  });
});
