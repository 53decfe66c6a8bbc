import { readFileSync } from 'node:fs';

/** Who this collector is, as `--version`, `components` and user agents say it. */
export interface BuildInfo {
  readonly command: string;
  readonly version: string;
  readonly description: string;
}

/**
 * Of this package.
 *
 * ```ts
 * import { ownBuildInfo } from 'spanloom';
 *
 * const { command, version } = ownBuildInfo();
 * console.log(`${command} ${version}`);
 * ```
 */
export function ownBuildInfo(): BuildInfo {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return { command: manifest.name, version: manifest.version, description: manifest.description };
}
