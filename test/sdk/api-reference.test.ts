import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apiReference, REFERENCE } from '../../scripts/docs-api/reference.ts';
import * as spanloom from '../../src/index.ts';

const reference = readFileSync(REFERENCE, 'utf8');

/** The part of the reference about a name. */
function entry(name: string): string | undefined {
  return reference.split(/^### /m).find((part) => part.startsWith(`${name}\n`));
}

describe('docs/api.md', () => {
  it('is what the docstrings say: npm run docs:api writes it anew', { timeout: 120_000 }, () => {
    expect(reference).toBe(apiReference());
  });

  it.each(Object.keys(spanloom).filter((name) => name !== 'z'))('shows %s in use', (name) => {
    expect(entry(name)).toMatch(new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from 'spanloom';`));
  });

  it.each(['Receiver', 'Processor', 'Exporter', 'Extension'])(
    'shows how to make a factory of type %s',
    (kind) => {
      expect(entry(`${kind}Factory`)).toContain("from 'spanloom';");
    },
  );
});
