import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EVIDENCE } from '../../src/correlate/link/rule.ts';
import { correlateConfig, rendezvousConfig } from '../../src/processor/correlate/config.ts';
import { ebpfConfig } from '../../src/receiver/ebpf/config.ts';
import { ruleSchema } from '../../src/receiver/ebpf/process/rules.ts';

/** What the first columns of a page's tables name. */
function documented(page: string): string[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  const cells = text.split('\n').flatMap((line) => /^\| (`[^|]*) \|/.exec(line)?.[1] ?? []);
  return cells.flatMap((cell) => [...cell.matchAll(/`([a-z_]+)`/g)].map((match) => match[1]!));
}

it('docs/ebpf.md names every key of the receiver and of its rules', () => {
  const keys = [...Object.keys(ebpfConfig.shape), ...Object.keys(ruleSchema.in.shape)];
  expect(documented('ebpf.md').sort()).toEqual(keys.sort());
});

it('docs/correlate.md names every key of the processor, and every kind of evidence', () => {
  const keys = [...Object.keys(correlateConfig.shape), ...Object.keys(rendezvousConfig.shape)];
  expect(documented('correlate.md').sort()).toEqual(keys.sort());
  const text = readFileSync(new URL('../../docs/correlate.md', import.meta.url), 'utf8');
  for (const evidence of EVIDENCE) expect(text).toContain(`\`${evidence}\``);
});
