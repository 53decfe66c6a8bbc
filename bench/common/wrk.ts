import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../examples/shop/run/managed-process.ts';

const WRK = '/usr/bin/wrk';

export interface Load {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  /** The processor wrk runs on. */
  readonly cpu?: number;
  /** A Lua script that makes the requests. */
  readonly script?: string;
  readonly workDir: string;
}

export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Latencies in microseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Loads a server with one thread of wrk, each connection asking again as soon as it is answered. */
export async function runWrk(load: Load): Promise<LoadResult> {
  if (!existsSync(WRK))
    throw new Error(`${WRK} is missing: install wrk (bash scripts/setup.sh --with-tests)`);
  const logFile = join(load.workDir, 'wrk.log');
  rmSync(logFile, { force: true });
  const wrk = [WRK, '-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--latency'];
  if (load.script !== undefined) wrk.push('-s', load.script);
  wrk.push(load.url);
  const [command, ...args] = load.cpu === undefined ? wrk : ['taskset', '-c', String(load.cpu), ...wrk];
  await run({ name: 'wrk', command: command!, args, logFile });
  return parseWrk(readFileSync(logFile, 'utf8'));
}

/** What `wrk --latency` printed. Throws when a request failed: such a run measures something else. */
export function parseWrk(output: string): LoadResult {
  const failed = /^\s*(Socket errors|Non-2xx or 3xx responses):.*$/m.exec(output);
  if (failed) throw new Error(`wrk had failures: ${failed[0].trim()}`);
  return {
    requests: Number(find(output, /^\s*(\d+) requests in/m)),
    requestsPerSecond: Number(find(output, /^Requests\/sec:\s*([\d.]+)$/m)),
    p50: microseconds(find(output, /^\s*50%\s+(\S+)$/m)),
    p99: microseconds(find(output, /^\s*99%\s+(\S+)$/m)),
  };
}

function find(output: string, pattern: RegExp): string {
  const match = pattern.exec(output);
  if (!match) throw new Error(`wrk printed nothing that fits ${pattern}:\n${output}`);
  return match[1]!;
}

const UNITS: Readonly<Record<string, number>> = { us: 1, ms: 1e3, s: 1e6, m: 60e6 };

function microseconds(text: string): number {
  const [, value, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text) ?? [];
  if (unit === undefined) throw new Error(`wrk printed "${text}" where a time was expected`);
  return Number(value) * UNITS[unit]!;
}
