import { join } from 'node:path';
import { ManagedProcess, type Program, run } from './managed-process.ts';
import { SHOP } from './place.ts';

export interface SpanloomOptions {
  readonly configFile: string;
  /** What `${env:…}` in the configuration refers to. */
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly showOutput?: boolean;
}

function program(options: SpanloomOptions): Program {
  const { configFile, ...rest } = options;
  return {
    ...rest,
    name: 'spanloom',
    command: process.execPath,
    args: [join(SHOP, '../../dist/cli.js'), '--config', configFile],
  };
}

/** Starts Spanloom; resolves when it receives and captures. `stop()` lets it release what it holds. */
export async function startSpanloom(options: SpanloomOptions): Promise<ManagedProcess> {
  const spanloom = new ManagedProcess(program(options));
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

/** Runs Spanloom on a configuration that comes to an end by itself, as a replay does. */
export function runSpanloom(options: SpanloomOptions): Promise<void> {
  return run(program(options));
}
