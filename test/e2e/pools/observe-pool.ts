import { mkdirSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../../examples/shop/run/free-ports.ts';
import { ManagedProcess, run } from '../../../examples/shop/run/managed-process.ts';
import { startSpanloom } from '../../../examples/shop/run/spanloom.ts';
import { readSpans, type Span } from '../../support/otlp-json.ts';
import { writeConfig } from '../../support/spanloom-config.ts';

const source = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export type Language = 'java' | 'cpp' | 'python' | 'rust';

export interface PoolRun {
  /** An existing folder. */
  readonly workDir: string;
  readonly language: Language;
  readonly mode: string;
  readonly workers: number;
  readonly requests: number;
  readonly concurrency: number;
  /** Further settings of the `correlate` processor. */
  readonly correlate?: Readonly<Record<string, unknown>>;
}

/** How the calls of a run were linked; `total` counts those the upstream has seen, with the request they are for. */
export interface PoolScore {
  readonly total: number;
  readonly right: number;
  readonly wrong: number;
  readonly missing: number;
  readonly byEvidence: Readonly<Record<string, number>>;
  readonly spans: readonly Span[];
}

const PATIENCE_MS = 20_000;
const LONGEST_ANSWER_MS = 10;

/** What starts the program; built where it has to be. */
async function command(language: Language, workDir: string): Promise<readonly string[]> {
  const logFile = join(workDir, 'build.log');
  const build = (command: string, ...args: string[]) => run({ name: command, command, args, logFile });
  mkdirSync(workDir, { recursive: true });
  const program = join(workDir, 'pool');
  switch (language) {
    case 'java':
      await build('javac', '-d', workDir, source('Pool.java'));
      return ['java', '-cp', workDir, 'Pool'];
    case 'cpp':
      await build('g++', '-O2', '-std=c++17', '-pthread', '-o', program, source('pool.cpp'));
      return [program];
    case 'rust':
      await build('rustc', '-O', '--edition', '2021', '-o', program, source('pool.rs'));
      return [program];
    case 'python':
      return ['python3', source('pool.py')];
  }
}

/** Lets a program with a thread pool serve requests that each know what they called, and judges the links. */
export async function observePool(options: PoolRun): Promise<PoolScore> {
  const { workDir, language, mode, workers, requests, concurrency } = options;
  const [port, upstreamPort] = (await freePorts(2)) as [number, number];
  const [program, ...args] = await command(language, workDir);
  let total = 0;
  const upstream = createServer((incoming, outgoing) => {
    total++;
    setTimeout(() => outgoing.end(incoming.url), Math.random() * LONGEST_ANSWER_MS);
  });
  await new Promise<void>((resolve) => upstream.listen(upstreamPort, '127.0.0.1', resolve));
  upstream.keepAliveTimeout = 60_000;
  const pool = new ManagedProcess({
    name: language,
    command: program!,
    args: [...args, String(port), String(upstreamPort), String(workers), mode],
    logFile: join(workDir, 'pool.log'),
  });
  try {
    await pool.listening(port);
    const output = join(workDir, 'traces.jsonl');
    const spanloom = await startSpanloom({
      configFile: writeConfig(workDir, 'pool', {
        ebpf: { instrument: [{ open_ports: String(port) }] },
        correlate: { decision_wait: '5s', ...options.correlate },
        output,
      }),
      logFile: join(workDir, 'spanloom.log'),
    });
    try {
      await load(port, requests, concurrency);
      for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(100)) {
        if (spanloom.exit !== undefined) throw spanloom.failure(spanloom.exit);
        if (readSpans(output).length >= requests + total) break;
      }
    } finally {
      await spanloom.stop();
    }
    return judge(readSpans(output), total);
  } finally {
    await pool.stop();
    upstream.closeAllConnections();
    upstream.close();
  }
}

async function load(port: number, requests: number, concurrency: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  let next = 0;
  const client = async () => {
    while (next < requests) await get(agent, port, `/in/${String(next++).padStart(6, '0')}`);
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  agent.destroy();
}

function get(agent: Agent, port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: '127.0.0.1', port, path }, (response) => {
      response.resume();
      response.once('end', resolve);
    });
    sent.once('error', reject);
    sent.end();
  });
}

function judge(spans: readonly Span[], total: number): PoolScore {
  const servers = new Map<string, string>();
  for (const { kind, spanId, attributes } of spans)
    if (kind === 'SERVER') servers.set(spanId, String(attributes['url.path']).slice('/in/'.length));
  let right = 0;
  let wrong = 0;
  const byEvidence: Record<string, number> = {};
  for (const { kind, parentSpanId, attributes } of spans) {
    if (kind !== 'CLIENT' || parentSpanId === '') continue;
    const label = new URL(String(attributes['url.full'])).pathname.slice('/out/'.length);
    if (servers.get(parentSpanId) === label) right++;
    else wrong++;
    const evidence = String(attributes['spanloom.link.evidence']);
    byEvidence[evidence] = (byEvidence[evidence] ?? 0) + 1;
  }
  return { total, right, wrong, missing: total - right - wrong, byEvidence, spans };
}
