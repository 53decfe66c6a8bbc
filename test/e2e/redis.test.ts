import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import { ManagedProcess, run } from '../../examples/shop/run/managed-process.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { captureSpans } from '../support/capture-spans.ts';
import type { Span } from '../support/otlp-json.ts';

const COMMANDS = [
  'SET word secret',
  'GET word',
  'GET nothing',
  'HSET table field secret',
  'HGETALL table',
  'LPUSH list secret secret',
  'INCR list',
  'LRANGE list 0 -1',
];
const OPERATIONS = ['SET', 'GET', 'GET', 'HSET', 'HGETALL', 'LPUSH', 'INCR WRONGTYPE', 'LRANGE'];

/** Side, command, and the error's code where there is one. */
function summary({ kind, attributes }: Span): string {
  const status = attributes['db.response.status_code'];
  return [kind, attributes['db.operation.name'], ...(status === undefined ? [] : [status])].join(' ');
}

describe('Redis', () => {
  let workDir: string;
  let port: number;
  let server: ManagedProcess | undefined;
  beforeEach(async () => {
    workDir = makeWorkDir();
    [port] = (await freePorts(1)) as [number];
    server = new ManagedProcess({
      name: 'redis',
      command: 'redis-server',
      args: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', workDir],
      logFile: join(workDir, 'redis.log'),
    });
    await server.listening(port);
  });
  afterEach(async () => {
    await server?.stop();
    removeWorkDir(workDir);
  });

  it.each(['-2', '-3'])('spoken by redis-cli %s is one span a command on either side', async (version) => {
    const script = join(workDir, 'commands');
    writeFileSync(script, COMMANDS.map((command) => `${command}\n`).join(''));
    const all = await captureSpans({
      workDir,
      instrument: [{ open_ports: String(port) }, { exe_path: '*/redis-cli' }],
      // A client that is gone before its start was noticed can not be seen.
      action: () =>
        run({
          name: 'redis-cli',
          command: 'sh',
          args: ['-c', `{ sleep 1; cat ${script}; } | redis-cli ${version} -p ${port}`],
          logFile: join(workDir, 'redis-cli.log'),
        }),
      expected: 2 * COMMANDS.length,
    });
    // redis-cli asks this when it starts, before its start need have been noticed.
    const spans = all.filter((span) => span.attributes['db.operation.name'] !== 'COMMAND DOCS');
    expect(spans.map(summary).sort()).toEqual(
      ['CLIENT', 'SERVER'].flatMap((kind) => OPERATIONS.map((operation) => `${kind} ${operation}`)).sort(),
    );
    for (const span of spans) {
      expect(span.attributes['db.system.name']).toBe('redis');
      expect(JSON.stringify(span.attributes)).not.toContain('secret');
    }
  });
});
