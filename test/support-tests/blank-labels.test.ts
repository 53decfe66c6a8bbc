import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blankLabels } from '../support/blank-labels.ts';

describe('blankLabels', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'spanloom-blank-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('makes all labels the same, counts them and leaves every other byte', () => {
    const bytes = (first: string, second: string) =>
      Buffer.concat([
        Buffer.from([0, 255, 128]),
        Buffer.from(`{"order":"${first}"}`),
        Buffer.from([0xc3, 0x28]),
        Buffer.from(`GET reserved:${second}`),
        Buffer.from([255]),
      ]);
    writeFileSync(join(directory, 'in'), bytes('ord-000042', 'ord-009731'));
    expect(blankLabels(join(directory, 'in'), join(directory, 'out'))).toBe(2);
    expect(readFileSync(join(directory, 'out'))).toEqual(bytes('ord-000000', 'ord-000000'));
  });
});
