import type { LinkCase } from './case.ts';
import { pythonFanOut, pythonThreads } from './cases/python-threads/case.ts';

/** All cases, in the order of the page. */
export const CASES: readonly LinkCase[] = [pythonThreads, pythonFanOut];
