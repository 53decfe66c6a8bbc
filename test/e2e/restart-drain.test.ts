import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import { ManagedProcess } from '../../examples/shop/run/managed-process.ts';
import { SHOP } from '../../examples/shop/run/place.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { traceBatch } from '../support/trace-batch.ts';

describe('SIGTERM while the backend takes nothing', () => {
  it('ends Spanloom after --drain-timeout, says so, and exits with 1', async () => {
    const workDir = makeWorkDir();
    const connections: Socket[] = [];
    const silent = createServer((socket) => connections.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const [otlp] = (await freePorts(1)) as [number];
    const configFile = join(workDir, 'silent.yaml');
    writeFileSync(
      configFile,
      JSON.stringify({
        receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } } },
        exporters: { otlp_http: { endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` } },
        service: {
          telemetry: { metrics: { level: 'none' } },
          pipelines: { traces: { receivers: ['otlp'], exporters: ['otlp_http'] } },
        },
      }),
    );
    const spanloom = new ManagedProcess({
      name: 'spanloom',
      command: process.execPath,
      args: [join(SHOP, '../../dist/cli.js'), '--config', configFile, '--drain-timeout', '2s'],
      logFile: join(workDir, 'spanloom.log'),
    });
    try {
      await spanloom.listening(otlp);
      const body = traceBatch([{ service: 'web', name: 'GET /', id: '1' }]).encode();
      const headers = { 'content-type': 'application/x-protobuf' };
      const answer = await fetch(`http://127.0.0.1:${otlp}/v1/traces`, { method: 'POST', headers, body });
      expect(answer.status).toBe(200);
      // The exporter alone would try for 20 s.
      await spanloom.stop('SIGTERM', 15_000);
      expect(spanloom.exit).toBe('exited with 1');
      expect(spanloom.output()).toContain('shutdown did not finish within 2000 ms');
    } finally {
      await spanloom.stop('SIGKILL');
      for (const connection of connections) connection.destroy();
      silent.close();
      removeWorkDir(workDir);
    }
  });
});
