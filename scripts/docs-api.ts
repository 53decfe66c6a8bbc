/** Writes docs/api.md from the docstrings of what `src/index.ts` exports: `npm run docs:api`. */
import { writeFileSync } from 'node:fs';
import { apiReference, REFERENCE } from './docs-api/reference.ts';

writeFileSync(REFERENCE, apiReference());
