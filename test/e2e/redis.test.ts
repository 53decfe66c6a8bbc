import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import { ManagedProcess, run } from '../../examples/shop/run/managed-process.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { captureSpans } from '../support/capture-spans.ts';
import type { Span } from '../support/otlp-json.ts';

const COMMANDS = [
  ['SET', 'word', 'secret'],
  ['GET', 'word'],
  ['GET', 'nothing'],
  ['HSET', 'table', 'field', 'secret'],
  ['HGETALL', 'table'],
  ['LPUSH', 'list', 'secret', 'secret'],
  ['LRANGE', 'list', '0', '-1'],
];

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
    const cli = (command: readonly string[]) =>
      run({
        name: 'redis-cli',
        command: 'redis-cli',
        args: ['-e', version, '-p', String(port), ...command],
        logFile: join(workDir, 'redis-cli.log'),
      });
    const spans = await captureSpans({
      workDir,
      instrument: [{ open_ports: String(port) }, { exe_path: '*/redis-cli' }],
      action: async () => {
        for (const command of COMMANDS) await cli(command);
        await expect(cli(['INCR', 'list'])).rejects.toThrow('WRONGTYPE');
      },
      expected: 2 * (COMMANDS.length + 1),
    });
    const expected = [...COMMANDS.map(([name]) => name), 'INCR WRONGTYPE'];
    expect(spans.map(summary).sort()).toEqual(
      ['CLIENT', 'SERVER'].flatMap((kind) => expected.map((text) => `${kind} ${text}`)).sort(),
    );
    for (const span of spans) {
      expect(span.attributes['db.system.name']).toBe('redis');
      expect(JSON.stringify(span.attributes)).not.toContain('secret');
    }
  });
});
