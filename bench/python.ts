/**
 * Which versions of CPython the evidence `asyncio` was run with.
 *
 *   npm run bench:python -- [--calls 600] [--prepare]
 *
 * Runs one server on asyncio (bench/links/cases/asyncio/streams.py) with each interpreter of scripts/pythons.sh, as a program
 * and, where this machine's C library carries it, as a library in another program, and compares links with what the
 * server recorded. Writes docs/benchmarks/python.md. `--prepare` only fetches and builds: the rest needs no network
 * but loopback. Ends with 1 where a link was wrong or fewer than 99 % were made.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineFacts } from './common/machine.ts';
import { table, writePage } from './common/page.ts';
import { inRepository } from './common/repository.ts';
import { captureCell } from './links/capture.ts';
import { type Interpreter, streamsCase } from './links/cases/asyncio/streams.ts';
import { versionOf } from './links/cases/common/build.ts';
import type { Tally } from './links/judge.ts';
import { measure } from './links/measure.ts';
import { CACHE } from './links/place.ts';

const VERSIONS = ['3.9', '3.11', '3.13', '3.14'];
/** Their libraries run on the C library of Debian 12. */
const AS_LIBRARY = ['3.9', '3.11'];
const CONCURRENCIES = [1, 10, 50];
const RECALL = 0.99;

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '600' }, prepare: { type: 'boolean', default: false } },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
mkdirSync(CACHE, { recursive: true });
execFileSync('bash', [inRepository('scripts/pythons.sh')], { stdio: 'inherit' });
const embedded = join(CACHE, 'python-embedded');
execFileSync('gcc', [
  '-O2',
  '-o',
  embedded,
  inRepository('bench/links/cases/asyncio/embedded/python.c'),
  '-ldl',
]);
if (values.prepare) process.exit(0);

let failed = false;
const rows: string[][] = [];
for (const version of VERSIONS) {
  const root = inRepository('.cache/pythons', version);
  const program = join(root, 'usr/bin', `python${version}`);
  const exact = versionOf(program, '--version').replace(/^Python /, '');
  rows.push([exact, ...(await run({ command: program }))]);
  if (!AS_LIBRARY.includes(version)) continue;
  const library = join(root, 'usr/lib/x86_64-linux-gnu', `libpython${version}.so.1.0`);
  const env = { PYTHONHOME: join(root, 'usr') };
  rows.push([`${exact}, as a library`, ...(await run({ command: embedded, args: [library], env }))]);
}
writePage('python', [
  '# CPython: which versions were run',
  '`npm run bench:python`. One server on asyncio’s streams under each version, of Debian’s packages: each request calls over a kept and a new connection, two at a time, on a thread and in a task of its own, beside a task that calls out for nobody. ' +
    'The cells: calls right of all the program recorded (a call that belongs to no request is right when it has no link), and how many were linked wrong, at 1, 10 and 50 requests at a time. What is not in the table is not tested.',
  table(['CPython', ...CONCURRENCIES.map(String)], rows),
  machineFacts(),
]);
process.exit(failed ? 1 : 0);

async function run(interpreter: Interpreter): Promise<string[]> {
  const linkCase = streamsCase(interpreter);
  const cells: string[] = [];
  for (const concurrency of CONCURRENCIES)
    try {
      const cell = { linkCase, variant: linkCase.variants[0], concurrency };
      const { spanloom } = await captureCell(cell, Number(values.calls), measure);
      cells.push(text(spanloom));
    } catch (error) {
      failed = true;
      cells.push(`failed: ${(error as Error).message.split('\n')[0]}`);
    }
  console.log(`${interpreter.command}: ${cells.join('; ')}`);
  return cells;
}

function text({ calls, right, wrong }: Tally): string {
  failed ||= wrong > 0 || right < RECALL * calls;
  return `${right} of ${calls}, ${wrong} wrong`;
}
