import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { onPath } from '../../support/on-path.ts';

const HERE = import.meta.dirname;
const CACHE = join(HERE, '../../../.cache/sdks');

export interface Language {
  /** What building and running the service takes. */
  readonly needs: readonly string[];
  readonly command: string;
  readonly args: readonly string[];
}

/** How to run each language's relay. */
export const LANGUAGES: Readonly<Record<'javascript' | 'python' | 'go' | 'java', Language>> = {
  javascript: { needs: ['npm'], command: process.execPath, args: [join(CACHE, 'javascript/relay.cjs')] },
  python: {
    needs: ['python3'],
    command: join(CACHE, 'python/bin/opentelemetry-instrument'),
    args: [join(CACHE, 'python/bin/python'), join(HERE, 'python/relay.py')],
  },
  go: { needs: ['go'], command: join(CACHE, 'go-relay'), args: [] },
  java: {
    needs: ['java', 'javac', 'mvn'],
    command: 'java',
    // One compiler only: several of these start at the same time.
    args: ['-XX:TieredStopAtLevel=1', `-javaagent:${join(CACHE, 'javaagent.jar')}`, '-cp', CACHE, 'Relay'],
  },
};

/** What is missing to test a language here, as text for the test's name; never where CI=true: there that is a failure. */
export function missingFor(language: keyof typeof LANGUAGES): string | undefined {
  const missing = LANGUAGES[language].needs.filter((program) => !onPath(program));
  return missing.length > 0 && process.env.CI !== 'true' ? `missing here: ${missing.join(', ')}` : undefined;
}

export function install(language: keyof typeof LANGUAGES): void {
  execFileSync('bash', [join(HERE, 'install.sh'), language], { stdio: ['ignore', 'inherit', 'inherit'] });
}
