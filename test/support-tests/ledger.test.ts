import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLedger } from '../../examples/shop/ledger.ts';

const ORDER = 'ord-000007';
const WEB = {
  service: 'web',
  kind: 'server',
  system: 'http',
  operation: 'POST /order',
  label: ORDER,
  pid: 2,
  localPort: 3000,
  remotePort: 45_000,
  sequence: 4,
  startUnixNano: '1700000000500000000',
  endUnixNano: '1700000000900000000',
};
const NGINX = {
  pid: 1,
  operation: 'POST /order',
  body: `{"order":"${ORDER}"}`,
  localPort: 80,
  remotePort: 50_000,
  sequence: 9,
  end: '1700000001.000',
  seconds: '0.750',
  status: 200,
  upstream: '127.0.0.1:3000',
};

describe('readLedger', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'spanloom-ledger-'));
    writeFileSync(join(directory, 'web.jsonl'), `${JSON.stringify(WEB)}\n`);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("makes two records of a line of nginx's log: the answered request and the call, at the port its callee saw", () => {
    writeFileSync(join(directory, 'nginx.jsonl'), `${JSON.stringify(NGINX)}\n`);
    const [server, client] = readLedger(directory).filter((record) => record.service === 'nginx');
    expect(server).toMatchObject({
      kind: 'server',
      label: ORDER,
      localPort: 80,
      remotePort: 50_000,
      sequence: 9,
      startUnixNano: '1700000000250000000',
      endUnixNano: '1700000001000000000',
    });
    expect(client).toMatchObject({
      kind: 'client',
      label: ORDER,
      localPort: 45_000,
      remotePort: 3000,
      sequence: 4,
    });
  });

  it('refuses a log in which nginx called another port or tried twice', () => {
    for (const upstream of ['127.0.0.1:3001', '127.0.0.1:3000, 127.0.0.1:3000']) {
      writeFileSync(join(directory, 'nginx.jsonl'), `${JSON.stringify({ ...NGINX, upstream })}\n`);
      expect(() => readLedger(directory)).toThrow(/nginx called/);
    }
  });
});
