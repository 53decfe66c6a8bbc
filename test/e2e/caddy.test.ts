import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import { ManagedProcess } from '../../examples/shop/run/managed-process.ts';
import { startSpanloom } from '../../examples/shop/run/spanloom.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { readSpans, type Span } from '../support/otlp-json.ts';
import { writeConfig } from '../support/spanloom-config.ts';
import { peer, whyNoPeers } from './backends/peers.ts';

const CADDYFILE = join(import.meta.dirname, '../peers/caddy/Caddyfile');
const SERVER = join(import.meta.dirname, 'programs/http-server.mjs');
const REQUESTS = 20;
const PATIENCE_MS = 30_000;
const why = whyNoPeers('caddy');

describe.skipIf(why)(`Caddy, whose header names its SERVER span${why ? ` (skipped: ${why})` : ''}`, () => {
  let workDir: string;
  const started: ManagedProcess[] = [];
  beforeEach(() => {
    workDir = makeWorkDir();
  });
  afterEach(async () => {
    for (const program of started.reverse().splice(0)) await program.stop();
    removeWorkDir(workDir);
  });

  it('has its calls under that span, and what it called under the call', async () => {
    const [port, upstream, grpc, http] = (await freePorts(4)) as [number, number, number, number];
    const output = join(workDir, 'spans.jsonl');
    const start = async (name: string, command: string, args: string[], on: number, env = {}) => {
      const program = new ManagedProcess({ name, command, args, env, logFile: join(workDir, `${name}.log`) });
      started.push(program);
      await program.listening(on);
    };
    await start('upstream', process.execPath, [SERVER, String(upstream)], upstream);
    const configFile = writeConfig(workDir, 'caddy', {
      ebpf: { instrument: [{ open_ports: `${port},${upstream}` }] },
      otlp: { grpc, http },
      correlate: { decision_wait: '10s' },
      output,
    });
    started.push(await startSpanloom({ configFile, logFile: join(workDir, 'spanloom.log') }));
    // An exporter that finds nobody listening waits longer and longer before it tries again.
    await start('caddy', peer('caddy'), ['run', '--config', CADDYFILE, '--adapter', 'caddyfile'], port, {
      PORT: String(port),
      UPSTREAM_PORT: String(upstream),
      HOME: workDir,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${http}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_SERVICE_NAME: 'caddy',
    });
    await sleep(500);
    for (let i = 0; i < REQUESTS; i++) await (await fetch(`http://127.0.0.1:${port}/plain`)).text();
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(250))
      if (readSpans(output).length >= 3 * REQUESTS) break;

    const spans = readSpans(output);
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const calls = spans.filter((span) => span.kind === 'CLIENT');
    expect(spans).toHaveLength(3 * REQUESTS);
    expect(calls).toHaveLength(REQUESTS);
    const isSdk = (span: Span | undefined) => span !== undefined && span.scope !== 'spanloom';
    for (const call of calls) {
      const caller = byId.get(call.parentSpanId);
      expect([isSdk(caller), caller?.kind, isSdk(call)]).toEqual([true, 'SERVER', false]);
      expect(call.attributes['spanloom.link.evidence']).toBe('wire_context');
      expect(caller!.attributes['spanloom.queue_time']).toBeDefined();
      const called = spans.filter((span) => span.parentSpanId === call.spanId);
      expect(called.map(({ kind, attributes }) => [kind, attributes['spanloom.link.evidence']])).toEqual([
        ['SERVER', 'peer'],
      ]);
    }
  });
});
