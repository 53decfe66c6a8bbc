import type { LinkCase } from './case.ts';
import { cppCases } from './cases/cpp/case.ts';
import { databases } from './cases/databases/case.ts';
import { preforkCases } from './cases/prefork/case.ts';
import { pythonCases } from './cases/python/case.ts';

/** All cases, in the order of the page. */
export const CASES: readonly LinkCase[] = [...pythonCases, databases, ...preforkCases, ...cppCases];
