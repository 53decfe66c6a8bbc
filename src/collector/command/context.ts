import type { BuildInfo } from '../build-info.ts';
import type { Factories } from '../component.ts';

/** What every command works with. */
export interface CommandContext {
  readonly factories: Factories;
  readonly buildInfo: BuildInfo;
  /** Writes to standard output. */
  print(text: string): void;
}
