import { join } from 'node:path';
import { ManagedProcess } from './managed-process.ts';
import { SHOP } from './place.ts';

export interface SpanloomOptions {
  readonly configFile: string;
  /** What `${env:…}` in the configuration refers to. */
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly showOutput?: boolean;
}

/** Starts Spanloom; resolves when it receives and captures. `stop()` lets it release what it holds. */
export async function startSpanloom(options: SpanloomOptions): Promise<ManagedProcess> {
  const { configFile, ...program } = options;
  const spanloom = new ManagedProcess({
    ...program,
    name: 'spanloom',
    command: process.execPath,
    args: [join(SHOP, '../../dist/cli.js'), '--config', configFile],
  });
  try {
    await spanloom.until('said that everything is ready', () =>
      spanloom.output().includes('Everything is ready'),
    );
  } catch (error) {
    await spanloom.stop();
    throw error;
  }
  return spanloom;
}
