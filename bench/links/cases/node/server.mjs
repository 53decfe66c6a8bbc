// Each request asks an upstream by fetch, PostgreSQL and Redis, one after the other, and records what it asked.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import pg from 'pg';
import { createClient } from 'redis';

const { RECORDS, PORT, UPSTREAM, DATABASE_URL, REDIS_PORT } = process.env;
const file = join(RECORDS, `calls-${process.pid}`);
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 5 });
const redis = await createClient({ url: `redis://127.0.0.1:${REDIS_PORT}` }).connect();

function call(label, number) {
  const own = label.slice(0, -1) + number;
  appendFileSync(file, `${own}\n`);
  return own;
}

createServer(async (request, response) => {
  const label = request.headers['x-label'];
  try {
    const answer = await fetch(`http://127.0.0.1:${UPSTREAM}${request.url}`, {
      headers: { 'x-label': call(label, 1) },
    });
    await answer.arrayBuffer();
    await pool.query('SELECT $1::text', [call(label, 2)]);
    await redis.get(call(label, 3));
    response.end('ok');
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
}).listen(Number(PORT), '127.0.0.1', 1024);
