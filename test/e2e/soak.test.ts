import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ManagedProcess } from '../../examples/shop/run/managed-process.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';

const MINUTES = '1.5';
/** Services take their time to start and to stop. */
const PATIENCE_MS = 5 * 60_000;

const workDir = makeWorkDir();
afterAll(() => removeWorkDir(workDir));

it(
  'nothing grows under mixed load with restarts and reloads, and all that was seen is accounted for',
  async () => {
    const soak = new ManagedProcess({
      name: 'soak',
      command: process.execPath,
      args: ['--import', 'tsx', join(import.meta.dirname, '../../bench/soak.ts'), '--minutes', MINUTES],
      logFile: join(workDir, 'soak.log'),
    });
    try {
      // Rejects with the last lines, which say what grew, unless it ends with 0.
      await soak.finished();
    } finally {
      await soak.stop();
    }
    expect(soak.output()).toContain('Nothing grew');
  },
  PATIENCE_MS + 20_000,
);
