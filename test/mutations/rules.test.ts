import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SECTIONS } from './rules.ts';
import { rulesTable } from './table.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const rules = SECTIONS.flatMap((section) => section.rules);

describe('the rules of the merge', () => {
  it('have names of their own, and each is taken out at least once', () => {
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    expect(rules.filter(({ mutations }) => mutations.length === 0).map(({ name }) => name)).toEqual([]);
  });

  it.each(rules.map((rule) => [rule.name, rule] as const))(
    '%s: what is changed stands in the source exactly once, and its tests are there',
    (_, { mutations }) => {
      for (const { file, text, by, tests } of mutations) {
        const source = readFileSync(`${ROOT}src/${file}`, 'utf8');
        expect(source.split(text).length - 1, `src/${file}: ${text}`).toBe(1);
        expect(by).not.toBe(text);
        expect(tests.length).toBeGreaterThan(0);
        for (const test of tests) expect(existsSync(`${ROOT}test/${test}.test.ts`), test).toBe(true);
      }
    },
  );

  it('are listed with their tests on a page', async () => {
    await expect(rulesTable(SECTIONS)).toMatchFileSnapshot('rules.md');
  });
});
