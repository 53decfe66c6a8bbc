import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVitest, type Vitest } from 'vitest/node';
import type { Mutation } from './rule.ts';
import { SECTIONS } from './rules.ts';

/**
 * Takes each rule of the merge out, one small change of the source at a time, and runs the tests that have to notice.
 * Nothing on the disk is changed: sources are changed on their way into the tests.
 *
 *     npm run test:mutations [-- --only TEXT]     TEXT: a part of a rule's name, a file's or a test's
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const { values: options } = parseArgs({ options: { only: { type: 'string' } } });

let current: Mutation | undefined;

const vitest = await createVitest(
  'test',
  {
    root: ROOT,
    config: false,
    watch: false,
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    reporters: [{}],
  },
  {
    plugins: [
      {
        name: 'mutate',
        enforce: 'pre',
        transform: (code, id) => (current && id === source(current) ? mutated(code, current) : undefined),
      },
    ],
  },
);

const survivors: string[] = [];
const used = new Set<string>();
let tried = 0;
let at = '';
try {
  for (const { title, rules } of SECTIONS)
    for (const rule of rules)
      for (const mutation of rule.mutations) {
        at = `${title}: ${rule.name}: ${mutation.file}: ${line(mutation.text)}  →  ${line(mutation.by) || '(nothing)'}`;
        if (options.only && !`${at} ${mutation.tests.join(' ')}`.includes(options.only)) continue;
        tried++;
        for (const test of mutation.tests) used.add(test);
        const noticed = await whoNotices(vitest, mutation);
        process.stdout.write(`${noticed === undefined ? 'SURVIVED' : 'killed  '}  ${at}\n`);
        if (noticed === undefined) survivors.push(at);
        else process.stdout.write(`          by ${noticed}\n`);
      }
  await checkUnchanged(vitest);
} finally {
  await vitest.close();
}
process.stdout.write(`\n${tried - survivors.length} of ${tried} changes were noticed\n`);
for (const survivor of survivors) process.stdout.write(`survived: ${survivor}\n`);
process.exitCode = survivors.length > 0 ? 1 : 0;

async function whoNotices(runner: Vitest, mutation: Mutation): Promise<string | undefined> {
  mutated(readFileSync(source(mutation), 'utf8'), mutation);
  current = mutation;
  runner.invalidateFile(source(mutation));
  try {
    return await firstFailure(runner, mutation.tests);
  } finally {
    current = undefined;
    runner.invalidateFile(source(mutation));
  }
}

/** Tests that fail in any case would notice everything. */
async function checkUnchanged(runner: Vitest): Promise<void> {
  const failure = await firstFailure(runner, [...used]);
  if (failure !== undefined) throw new Error(`A test fails without any change: ${failure}`);
}

async function firstFailure(runner: Vitest, tests: readonly string[]): Promise<string | undefined> {
  const files = tests.map((test) => join(ROOT, 'test', `${test}.test.ts`));
  const specifications = (await runner.globTestSpecifications(files)).filter(({ moduleId }) =>
    files.includes(moduleId),
  );
  if (specifications.length !== files.length)
    throw new Error(`No such test file, at ${at}: ${files.join(', ')}`);
  const { testModules, unhandledErrors } = await runner.runTestSpecifications(specifications, true);
  // Of files that were not run now, what an earlier run left is still there.
  for (const module of testModules.filter(({ moduleId }) => files.includes(moduleId))) {
    for (const test of module.children.allTests('failed')) return test.fullName;
    if (!module.ok()) return `${module.moduleId}, which can not run`;
  }
  return unhandledErrors.length > 0 ? 'an error that no test caught' : undefined;
}

function source(mutation: Mutation): string {
  return join(ROOT, 'src', mutation.file);
}

function mutated(code: string, { file, text, by }: Mutation): string {
  if (code.split(text).length !== 2) throw new Error(`src/${file} has not exactly once: ${text}`);
  return code.replace(text, () => by);
}

function line(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
