import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Declaration, declarations } from './declarations.ts';
import { markdown } from './docstring.ts';
import { exportsOf } from './exports.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Where the reference stands. */
export const REFERENCE = join(ROOT, 'docs/api.md');

/** Chapters, and the modules (or folders of modules) whose exports are theirs, in the order they come. */
const CHAPTERS: readonly (readonly [title: string, modules: readonly string[]])[] = [
  ['Collectors', ['collector/create-collector', 'components', 'collector/collector', 'collector/build-info']],
  ['OpenTelemetry SDKs in the same process', ['sdk/']],
  [
    'Own components',
    [
      'collector/component',
      'otlp/batch',
      'collector/counters',
      'collector/clock',
      'collector/telemetry/traces/tracing',
    ],
  ],
  ['Configurations of own components', ['collector/config/duration', 'collector/config/endpoint']],
  ['Configurations and errors', ['collector/config/', 'error', 'otlp/malformed']],
];

const INTRODUCTION = `# API

\`npm install spanloom\`, then \`import { … } from 'spanloom'\`, or \`require('spanloom')\` in CommonJS. Node 20.19 or newer, on Linux.
The package brings its BPF programs and its addon compiled; the addon needs libelf, zlib and libstdc++ at run time, and only
the \`ebpf\` receiver loads it, when it starts. Everything else works without.

A pipeline is made of receivers, processors and exporters; connectors lead from one pipeline into another, extensions stand
beside them. Each comes from a factory.

This file is generated from the docstrings: \`npm run docs:api\`.
`;

/** The text of the reference, from declarations as the compiler emits them. */
export function apiReference(): string {
  const directory = mkdtempSync(join(tmpdir(), 'spanloom-api-'));
  try {
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const options = ['--emitDeclarationOnly', '--noCheck', '--sourceMap', 'false', '--outDir', directory];
    execFileSync(tsc, ['-p', join(ROOT, 'tsconfig.build.json'), ...options], { stdio: 'inherit' });
    return reference(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function reference(directory: string): string {
  const read = (module: string) => readFileSync(join(directory, `${module}.d.ts`), 'utf8');
  const exported = exportsOf(read('index'));
  const left = new Set(exported.filter(({ module }) => module !== undefined));
  const chapters = CHAPTERS.map(([title, modules]) => {
    const entries = modules.flatMap((prefix) => {
      const own = [...left].filter(({ module }) => module!.startsWith(prefix));
      for (const each of own) left.delete(each);
      return own.map(({ name, module }) => entry(name, declarations(read(module!))));
    });
    const ordered = [...entries.filter(isValue), ...entries.filter((text) => !isValue(text))];
    return [`## ${title}\n`, ...ordered].join('\n');
  });
  if (left.size > 0) throw new Error(`no chapter has ${[...left].map(({ name }) => name).join(', ')}`);
  const foreign = exported.filter(({ module }) => module === undefined);
  const rest = foreign.map(({ name, from }) => `\`${name}\` is the export of that name of \`${from}\`.\n`);
  return [INTRODUCTION, ...chapters, ...rest].join('\n');
}

/** Functions, classes and constants come before types. */
function isValue(text: string): boolean {
  return /^```ts\n(class|function|const) /m.test(text);
}

function entry(name: string, known: ReadonlyMap<string, Declaration>): string {
  const declaration = known.get(name);
  if (!declaration) throw new Error(`${name} is exported, and no declaration of it was found`);
  // What a declaration builds on and nobody can import is shown with it.
  const used = [...known.values()].filter(
    (other) => !other.exported && new RegExp(`\\b${other.name}\\b`).test(declaration.text),
  );
  const text = [declaration, ...used].map((each) => each.text).join('\n\n');
  return `### ${name}\n\n${markdown(declaration.docstring)}\`\`\`ts\n${text}\n\`\`\`\n`;
}
