import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import { installShop } from '../../examples/shop/run/install.ts';
import { type ManagedProcess, run } from '../../examples/shop/run/managed-process.ts';
import { pythonOf } from '../../examples/shop/run/place.ts';
import { databaseUrl, postgresProgram, startPostgres } from '../../examples/shop/run/postgres.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { captureSpans } from '../support/capture-spans.ts';
import type { Span } from '../support/otlp-json.ts';

const queries = fileURLToPath(new URL('programs/queries.py', import.meta.url));

/** Side, first word of the statement, and the error's code where there is one. */
function summary({ kind, name, attributes }: Span): string {
  const status = attributes['db.response.status_code'];
  return [kind, name.split(' ')[0], ...(status === undefined ? [] : [status])].join(' ');
}

function onBothSides(statements: readonly string[]): string[] {
  return ['CLIENT', 'SERVER'].flatMap((kind) => statements.map((statement) => `${kind} ${statement}`)).sort();
}

function expectNoSecrets(spans: readonly Span[]): void {
  for (const span of spans) {
    expect(span.attributes['db.system.name']).toBe('postgresql');
    expect(JSON.stringify(span.attributes)).not.toContain('secret');
  }
}

describe('PostgreSQL', () => {
  let workDir: string;
  let url: string;
  let port: number;
  let server: ManagedProcess | undefined;
  beforeEach(async () => {
    workDir = makeWorkDir();
    [port] = (await freePorts(1)) as [number];
    url = databaseUrl(port);
    server = await startPostgres(join(workDir, 'postgres'), port, join(workDir, 'postgres.log'));
  });
  afterEach(async () => {
    await server?.stop('SIGINT');
    removeWorkDir(workDir);
  });

  it('spoken by psql, the simple protocol, is one span a query on either side', async () => {
    const statements = [
      "SELECT quantity FROM order_lines WHERE order_id = 'secret'",
      'BEGIN',
      "INSERT INTO order_lines VALUES ('secret', 1)",
      'COMMIT',
      'SELECT repeat(order_id, 10) FROM order_lines',
    ];
    const spans = await captureSpans({
      workDir,
      instrument: [{ open_ports: String(port) }, { exe_path: '*/psql' }],
      action: async () => {
        const psql = { name: 'psql', command: postgresProgram('psql'), logFile: join(workDir, 'psql.log') };
        // A program that is gone before its start was noticed can not be seen.
        const ask = (...queries: string[]) =>
          run({ ...psql, args: [url, ...['\\! sleep 1', ...queries].flatMap((query) => ['-c', query])] });
        await ask(...statements);
        await expect(ask('SELECT * FROM nowhere')).rejects.toThrow('does not exist');
      },
      expected: 2 * (statements.length + 1),
    });
    expect(spans.map(summary).sort()).toEqual(
      onBothSides(['SELECT', 'BEGIN', 'INSERT', 'COMMIT', 'SELECT', 'SELECT 42P01']),
    );
    expectNoSecrets(spans);
  });

  it('spoken by psycopg, the extended protocol, is one span an execution, also in a pipeline', async () => {
    installShop();
    const spans = await captureSpans({
      workDir,
      instrument: [{ open_ports: String(port) }, { cmd_args: '*queries.py*' }],
      action: () =>
        run({
          name: 'queries',
          command: pythonOf('stock'),
          args: [queries, url],
          logFile: join(workDir, 'queries.log'),
        }),
      expected: 24,
    });
    const selects = Array.from({ length: 8 }, () => 'SELECT');
    expect(spans.map(summary).sort()).toEqual(
      onBothSides([...selects, 'UPDATE', 'UPDATE', 'UPDATE', 'SELECT 22012']),
    );
    expectNoSecrets(spans);
  });
});
