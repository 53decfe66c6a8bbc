import { readFileSync } from 'node:fs';
import { inRepository } from './repository.ts';

/** The compiled program. */
export const CLI = inRepository('dist/cli.js');

/** The flags that the first line of the program gives to Node, and those of the environment. */
export function spanloomFlags(): string[] {
  const [firstLine] = readFileSync(CLI, 'utf8').split('\n', 1);
  const [, own = ''] = /^#!.* node(.*)$/.exec(firstLine!)!;
  return `${own} ${process.env.NODE_FLAGS ?? ''}`.split(' ').filter((flag) => flag !== '');
}
