import type { Section } from './rule.ts';
import { emission } from './rules/emission.ts';
import { identity } from './rules/identity.ts';
import { joining } from './rules/joining.ts';
import { limits } from './rules/limits.ts';
import { linking } from './rules/linking.ts';
import { lives } from './rules/lives.ts';
import { rendezvous } from './rules/rendezvous.ts';
import { sampling } from './rules/sampling.ts';

/** The rules of the merge: what is taken out of each by way of trial, and the tests that notice. */
export const SECTIONS: readonly Section[] = [
  identity,
  emission,
  linking,
  joining,
  rendezvous,
  sampling,
  limits,
  lives,
];
