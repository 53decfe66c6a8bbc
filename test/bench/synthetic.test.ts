import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadFrames } from '../../bench/replay/frames.ts';
import { STAGES } from '../../bench/replay/stages.ts';
import { writeSynthetic } from '../../bench/replay/synthetic.ts';

const EXCHANGES = 300;

describe('a made-up recording', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'spanloom-bench-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('becomes as many spans as it has exchanges, in every stage that makes spans', async () => {
    const file = join(directory, 'made-up.rec');
    writeSynthetic(file, EXCHANGES);
    const frames = await loadFrames(file, 2 * EXCHANGES);
    expect(STAGES.read(frames)).toMatchObject({ messages: 2 * EXCHANGES });
    expect(STAGES.decode(frames)).toMatchObject({ messages: 2 * EXCHANGES, spans: 0 });
    expect(STAGES.encode(frames)).toMatchObject({ messages: 2 * EXCHANGES, spans: EXCHANGES });
    expect(STAGES.correlate(frames)).toMatchObject({ messages: 2 * EXCHANGES, spans: EXCHANGES });
  });

  it('is loaded in whole drains, as many as are asked for', async () => {
    const file = join(directory, 'made-up.rec');
    writeSynthetic(file, EXCHANGES);
    const { drains, messages } = await loadFrames(file, 10);
    expect(drains).toHaveLength(1);
    expect(messages).toBe(256);
  });
});
