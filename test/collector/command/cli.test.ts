import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Cli } from './cli.helper.ts';

const directory = mkdtempSync(join(tmpdir(), 'spanloom-'));
/** `{ resource_spans: [{ scope_spans: [{ spans: [{ name: 'GET' }] }] }] }` */
const ONE_SPAN = Uint8Array.of(0x0a, 9, 0x12, 7, 0x12, 5, 0x2a, 3, 0x47, 0x45, 0x54);
const READY = 'Everything is ready. Begin running and processing data.';

function config(
  changes: { http?: string; exporter?: string; endpoint?: string; level?: string } = {},
): string {
  const { http = '127.0.0.1:0', exporter = 'nop', endpoint, level = 'info' } = changes;
  return JSON.stringify({
    receivers: { otlp: { protocols: { http: { endpoint: http } } } },
    exporters: { [exporter]: endpoint === undefined ? null : { endpoint } },
    service: {
      telemetry: { logs: { level }, metrics: { level: 'none' } },
      pipelines: { traces: { receivers: ['otlp'], exporters: [exporter] } },
    },
  });
}

function file(text: string, name = 'config.yaml'): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

const started: Cli[] = [];

function start(args: readonly string[]): Cli {
  const cli = new Cli(args);
  started.push(cli);
  return cli;
}

afterEach(async () => {
  for (const cli of started.splice(0)) {
    cli.kill('SIGKILL');
    await cli.exit();
  }
});

describe('spanloom --config', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('runs until %s, then shuts down in peace', async (signal) => {
    const cli = start(['--config', file(config())]);
    await cli.says(READY);
    cli.kill(signal);
    expect(await cli.exit()).toBe(0);
    expect(cli.stderr).toMatch(/\tinfo\tStarting shutdown\.\.\.\n/);
    expect(cli.stderr).toMatch(/\tinfo\tShutdown complete\.\n$/);
  });

  it('reads the configuration again on SIGHUP', async () => {
    const path = file(config());
    const cli = start(['--config', path]);
    await cli.says(READY);
    file(config({ level: 'debug' }));
    cli.kill('SIGHUP');
    await cli.says(READY, 2);
    expect(cli.stderr).toMatch(/\tdebug\tComponent started\t/);
    cli.kill('SIGTERM');
    expect(await cli.exit()).toBe(0);
  });

  it('ends when it can not use what it reads on SIGHUP', async () => {
    const path = file(config());
    const cli = start(['--config', path]);
    await cli.says(READY);
    file(config().replace('"nop":null', '"npo":null'));
    cli.kill('SIGHUP');
    expect(await cli.exit()).toBe(1);
    expect(cli.stderr).toContain('Error: failed to reload config: failed to get config: cannot unmarshal');
    expect(cli.stderr).toContain('did you mean "nop"?');
  });

  it('says which component did not start', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const cli = start(['--config', file(config({ http: `127.0.0.1:${port}` }))]);
    expect(await cli.exit()).toBe(1);
    server.close();
    expect(cli.stderr).toMatch(/^Error: cannot start pipelines: failed to start "otlp" receiver: /m);
  });

  it('waits for what it has accepted when it is stopped, up to the deadline; a second signal ends it at once', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const taken = once(silent, 'connection');
    const path = file(config({ exporter: 'otlp_http', endpoint: `http://127.0.0.1:${port}` }));
    const http = `127.0.0.1:${await freePort()}`;
    const args = ['--config', path, '--set', `receivers.otlp.protocols.http.endpoint="${http}"`];

    for (const [more, signals, code] of [
      [['--drain-timeout', '10ms'], 1, 1],
      [[], 2, 130],
    ] as const) {
      const cli = start([...args, ...more]);
      await cli.says(READY);
      await fetch(`http://${http}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: ONE_SPAN,
      });
      await taken;
      for (let i = 0; i < signals; i++) {
        cli.kill('SIGTERM');
        await cli.says('Starting shutdown...');
      }
      expect(await cli.exit()).toBe(code);
    }
    silent.close();
  });
});
