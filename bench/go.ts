/**
 * Which versions of Go, and which ways to build, the evidence `goroutine` was run with.
 *
 *   npm run bench:go -- [--toolchains go1.17.13,go1.26.8] [--calls 600] [--prepare]
 *
 * Builds one program (bench/links/cases/go) with each, has it call out, ask databases and start goroutines, and compares
 * links with what the program recorded. Writes docs/benchmarks/go.md when it ran with all of them. `--prepare` only
 * fetches toolchains and builds: the rest needs no network but loopback. Ends with 1 where a link was wrong or fewer
 * than 99 % were made.
 */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { machineFacts } from './common/machine.ts';
import { table, writePage } from './common/page.ts';
import { captureCell } from './links/capture.ts';
import { type GoBuild, goVersion } from './links/cases/go/build.ts';
import { goCase } from './links/cases/go/case.ts';
import type { Tally } from './links/judge.ts';
import { measure } from './links/measure.ts';
import { CACHE } from './links/place.ts';

/** The first that keeps the goroutine in a register, the newest, and others between. */
const TOOLCHAINS = ['go1.17.13', 'go1.18.10', 'go1.20.14', 'go1.21.13', 'go1.25.14', 'go1.26.8', 'go1.27.4'];
const CONCURRENCY = 10;
const RECALL = 0.99;

const WAYS: readonly (GoBuild & { readonly name: string })[] = [
  { name: 'plain' },
  { name: 'stripped', stripped: true },
  { name: 'linked by the C linker', externalLink: true },
  { name: 'linked by the C linker, stripped', externalLink: true, stripped: true },
  { name: 'position-independent, stripped', pie: true, stripped: true },
];

const { values } = parseArgs({
  options: {
    toolchains: { type: 'string' },
    calls: { type: 'string', default: '600' },
    prepare: { type: 'boolean', default: false },
  },
});
const toolchains = values.toolchains?.split(',') ?? TOOLCHAINS;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
mkdirSync(CACHE, { recursive: true });

let failed = false;
const rows: string[][] = [];
for (const toolchain of toolchains) {
  const cells: string[] = [];
  for (const { name, ...build } of WAYS) {
    const cell = await run({ ...build, toolchain });
    console.log(`${toolchain}, ${name}: ${cell}`);
    cells.push(cell);
  }
  if (!values.prepare) rows.push([goVersion(toolchain), ...cells]);
}
if (!values.prepare && !values.toolchains)
  writePage('go', [
    '# Go: which versions were run',
    '`npm run bench:go`. One program, built by each version in five ways: net/http serving, with calls through its client, queries (database/sql with lib/pq), ' +
      `Redis commands (go-redis) and three calls at once on goroutines of their own, beside a goroutine that calls out for nobody; ${CONCURRENCY} requests at a time. ` +
      'The cells: calls right of all the program recorded (a call that belongs to no request is right when it has no link), and how many were linked wrong. What is not in the table is not tested.',
    table(['Go', ...WAYS.map(({ name }) => name)], rows),
    machineFacts(),
  ]);
process.exit(failed ? 1 : 0);

async function run(build: GoBuild): Promise<string> {
  const linkCase = goCase('mixed', build);
  try {
    await linkCase.prepare?.(CACHE);
    if (values.prepare) return 'built';
    const [variant] = linkCase.variants;
    const cell = { linkCase, variant, concurrency: CONCURRENCY };
    const { spanloom } = await captureCell(cell, Number(values.calls), measure);
    return text(spanloom);
  } catch (error) {
    failed = true;
    return `failed: ${(error as Error).message.split('\n')[0]}`;
  }
}

function text({ calls, right, wrong }: Tally): string {
  failed ||= wrong > 0 || right < RECALL * calls;
  return `${right} of ${calls}, ${wrong} wrong`;
}
