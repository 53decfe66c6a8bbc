import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { inRepository } from '../common/repository.ts';
import type { CellId } from './capture.ts';
import type { Variant } from './case.ts';
import type { Measured } from './measure.ts';
import type { Verification } from './verify.ts';

/** What is known of one row. */
export type CellResult = {
  readonly case: string;
  readonly variant: string;
  readonly concurrency: number;
  readonly date: string;
  /** The machine. */
  readonly machine: string;
} & (
  | (Measured & {
      readonly state: 'measured';
      readonly versions: string;
      readonly requests: number;
      /** Where the case verifies. */
      readonly verification?: Verification;
      readonly misses: readonly string[];
    })
  | { readonly state: 'not tested' | 'failed'; readonly why: string }
);

export type MeasuredCell = Extract<CellResult, { state: 'measured' }>;

const FILE = inRepository('docs/benchmarks/links.json');

export function variantName(variant: Variant): string {
  return variant.name ?? variant.targets;
}

/** `case.variant.concurrency`. */
export function cellName({ linkCase, variant, concurrency }: CellId): string {
  return `${linkCase.name}.${variantName(variant)}.${concurrency}`;
}

export function readResults(): CellResult[] {
  return existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as CellResult[]) : [];
}

/** Puts a row in the place of the one that was there, and returns all. */
export function mergeResult(result: CellResult): CellResult[] {
  const same = (other: CellResult) =>
    other.case === result.case &&
    other.variant === result.variant &&
    other.concurrency === result.concurrency;
  const all = [...readResults().filter((other) => !same(other)), result];
  all.sort(
    (a, b) => compare(a.case, b.case) || compare(a.variant, b.variant) || a.concurrency - b.concurrency,
  );
  writeFileSync(FILE, `[\n${all.map((cell) => JSON.stringify(cell)).join(',\n')}\n]\n`);
  return all;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
