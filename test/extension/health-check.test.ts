import { get } from 'node:https';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { healthCheckConfig } from '../../src/extension/health_check/config.ts';
import { HealthCheck } from '../../src/extension/health_check/health-check.ts';

const testdata = (name: string) => join(import.meta.dirname, '../receiver-otlp/testdata', name);

const running: HealthCheck[] = [];

async function start(config: object = {}): Promise<HealthCheck> {
  const check = new HealthCheck(healthCheckConfig.parse({ endpoint: '127.0.0.1:0', ...config }));
  await check.start();
  running.push(check);
  return check;
}

async function probe({ port }: HealthCheck, path = '/') {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, body: await response.text() };
}

afterEach(async () => {
  for (const check of running.splice(0)) await check.shutdown();
});

describe('health_check', () => {
  it('is well while the pipelines run, and only then', async () => {
    const check = await start();
    expect(await probe(check)).toMatchObject({
      status: 503,
      body: expect.stringContaining('Server not available'),
    });
    check.ready();
    const { status, body } = await probe(check);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      status: 'Server available',
      upSince: expect.stringMatching(/^\d{4}-.*Z$/),
      uptime: expect.stringMatching(/^[\d.]+s$/),
    });
    check.notReady();
    expect(await probe(check)).toMatchObject({ status: 503 });
  });

  it('answers on its path only', async () => {
    const check = await start({ path: '/health' });
    check.ready();
    expect(await probe(check, '/health?verbose')).toMatchObject({ status: 200 });
    expect(await probe(check, '/')).toMatchObject({ status: 404 });
  });

  it('answers with the texts that are configured', async () => {
    const check = await start({ response_body: { healthy: 'fine', unhealthy: 'not yet' } });
    expect(await probe(check)).toEqual({ status: 503, body: 'not yet' });
    check.ready();
    expect(await probe(check)).toEqual({ status: 200, body: 'fine' });
  });

  it('answers over TLS where it has a certificate', async () => {
    const check = await start({
      tls: { cert_file: testdata('localhost.crt'), key_file: testdata('localhost.key') },
    });
    check.ready();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: check.port, rejectUnauthorized: false };
      get(options, (response) => resolve(response.resume().statusCode)).once('error', reject);
    });
    expect(status).toBe(200);
  });

  it('says when its port is taken', async () => {
    const { port } = await start();
    await expect(start({ endpoint: `127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'SPANLOOM_HEALTH_CHECK_LISTEN',
      message: expect.stringContaining(`failed to bind to 127.0.0.1:${port}: listen EADDRINUSE`),
    });
  });

  it('gives its port back, also with a connection open, and can be shut down twice or never started', async () => {
    const check = await start();
    const { port } = check;
    await probe(check);
    await check.shutdown();
    await check.shutdown();
    await start({ endpoint: `127.0.0.1:${port}` });
    await new HealthCheck(healthCheckConfig.parse({})).shutdown();
  });
});
