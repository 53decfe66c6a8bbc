import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { inRepository } from './repository.ts';
import type { Spread } from './statistics.ts';

/** A table in Markdown; the first column is text, the others are numbers. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const align = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(head), line(align), ...rows.map(line)].join('\n');
}

/** `1 234 567`, or with `digits` digits after the point. */
export function number(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `median [lower upper]`. */
export function spreadText({ lower, median, upper }: Spread, digits = 0): string {
  return `${number(median, digits)} [${number(lower, digits)} ${number(upper, digits)}]`;
}

/** Writes a page of `docs/benchmarks` and returns its path. */
export function writePage(name: string, paragraphs: readonly string[]): string {
  const file = inRepository('docs/benchmarks', `${name}.md`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${paragraphs.join('\n\n')}\n`);
  return file;
}
