import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import { ManagedProcess } from '../../examples/shop/run/managed-process.ts';
import { startSpanloom } from '../../examples/shop/run/spanloom.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { readSpans } from '../support/otlp-json.ts';
import { writeConfig } from '../support/spanloom-config.ts';

const REQUESTS = 100;

const workDir = makeWorkDir();
afterAll(() => removeWorkDir(workDir));

function ask(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', agent: false }, (response) => {
      response.resume();
      response.once('end', resolve);
    });
    request.once('error', reject);
  });
}

it('a process forked for each request, which is over before anyone looks at it, is its parent’s service', async () => {
  const [port] = (await freePorts(1)) as [number];
  const output = join(workDir, 'spans.jsonl');
  const server = new ManagedProcess({
    name: 'forking',
    command: '/usr/bin/python3',
    args: [join(import.meta.dirname, 'programs/forking-server.py')],
    env: { PORT: String(port), OTEL_SERVICE_NAME: 'forking' },
    logFile: join(workDir, 'forking.log'),
  });
  try {
    await server.listening(port);
    const spanloom = await startSpanloom({
      configFile: writeConfig(workDir, 'forking', {
        ebpf: { instrument: [{ open_ports: `${port}` }] },
        output,
      }),
      logFile: join(workDir, 'spanloom.log'),
    });
    try {
      for (let i = 0; i < REQUESTS; i++) await ask(port);
    } finally {
      await spanloom.stop();
    }
  } finally {
    await server.stop();
  }
  const spans = readSpans(output);
  expect(spans.map(({ resource }) => resource['service.name'])).toEqual(Array(REQUESTS).fill('forking'));
  expect(new Set(spans.map(({ resource }) => resource['process.pid'])).size).toBe(REQUESTS);
});
