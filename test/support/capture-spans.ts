import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSpanloom } from '../../examples/shop/run/spanloom.ts';
import { readSpans, type Span } from './otlp-json.ts';
import { writeConfig } from './spanloom-config.ts';

export interface Capture {
  readonly workDir: string;
  /** The `ebpf` receiver's `instrument` list. */
  readonly instrument: readonly Readonly<Record<string, unknown>>[];
  /** What is to be seen. */
  readonly action: () => Promise<void>;
  /** How many spans that makes: the output is taken when they are there, or after a while. */
  readonly expected: number;
}

const PATIENCE_MS = 15_000;

/** The zero-code spans of what chosen programs do during `action`: capture only, nothing is correlated. */
export async function captureSpans({ workDir, instrument, action, expected }: Capture): Promise<Span[]> {
  const output = join(workDir, 'spans.jsonl');
  const spanloom = await startSpanloom({
    configFile: writeConfig(workDir, 'capture', { ebpf: { instrument }, output }),
    logFile: join(workDir, 'spanloom.log'),
  });
  try {
    await action();
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(100)) {
      if (spanloom.exit !== undefined) throw spanloom.failure(spanloom.exit);
      if (readSpans(output).length >= expected) break;
    }
  } finally {
    await spanloom.stop();
  }
  return readSpans(output);
}
