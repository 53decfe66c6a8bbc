import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from '../../../common/repository.ts';

/** One way to build the program. */
export interface GoBuild {
  /** A toolchain as GOTOOLCHAIN takes it, `go1.21.13`; default: the one that is installed. */
  readonly toolchain?: string;
  /** Without symbols and debugging information: `-ldflags=-s -w`. */
  readonly stripped?: boolean;
  /** With C linked in by the C linker, which puts its own start-up code before Go's. */
  readonly externalLink?: boolean;
  /** Position-independent, as some distributions build. */
  readonly pie?: boolean;
}

/** The program in `cache`, built if what it is made of has changed: Go itself knows. */
export function buildGo(cache: string, build: GoBuild = {}): string {
  const { toolchain, stripped = false, externalLink = false, pie = false } = build;
  const name = [toolchain ?? 'go', stripped && 'stripped', externalLink && 'external', pie && 'pie'];
  const out = join(cache, 'go', name.filter(Boolean).join('-'));
  const flags = [stripped && '-s -w', externalLink && '-linkmode=external'].filter(Boolean).join(' ');
  mkdirSync(join(cache, 'go'), { recursive: true });
  execFileSync(
    'go',
    ['build', '-trimpath', `-ldflags=${flags}`, ...(pie ? ['-buildmode=pie'] : []), '-o', out, '.'],
    {
      cwd: inRepository('bench/links/cases/go'),
      env: environment(toolchain),
      stdio: ['ignore', 'inherit', 'pipe'],
      encoding: 'utf8',
    },
  );
  return out;
}

export function goVersion(toolchain?: string): string {
  return execFileSync('go', ['env', 'GOVERSION'], { env: environment(toolchain), encoding: 'utf8' }).trim();
}

/** Flags that somebody set for a newer Go, an older one does not know. */
function environment(toolchain: string | undefined): NodeJS.ProcessEnv {
  return { ...process.env, GOFLAGS: '-mod=readonly', ...(toolchain && { GOTOOLCHAIN: toolchain }) };
}
