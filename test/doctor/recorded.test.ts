import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureNames, HOW_TO_RECORD, readFixture } from '../../bench/links/fixture.ts';
import { builtinFactories } from '../../src/components.ts';
import { Doctor } from '../../src/doctor/doctor.ts';
import { observeMerge } from '../../src/observe/observe-merge.ts';
import { named } from './examined.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'spanloom-doctor-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What the doctor finds in a recording of ten requests at a time. */
async function findings(recorded: string): Promise<string[]> {
  const replay = join(directory, recorded);
  const { correlate } = readFixture(`${recorded}.10.capture`, replay);
  const traces = { receivers: ['ebpf'], processors: ['correlate'], exporters: ['nop'] };
  const config = JSON.stringify({
    receivers: { ebpf: { replay } },
    processors: { correlate },
    exporters: { nop: {} },
    service: { pipelines: { traces } },
  });
  let doctor: Doctor | undefined;
  const collector = observeMerge(
    { sources: { locations: [`yaml:${config}`] }, replay, record: undefined },
    builtinFactories,
    (watched) => {
      doctor = new Doctor(watched);
      return doctor;
    },
  );
  await collector.start();
  await collector.ended;
  return doctor!
    .report(replay)
    .findings.map((finding) => named(finding).replace(/127[.]0[.]0[.]1:\d+$/, 'upstream'));
}

/** front (SDK) → plain → back (SDK) → nginx → an upstream that is not observed. */
const missing = fixtureNames().length === 0 && process.env.CI !== 'true';

describe.skipIf(missing)(
  `of recorded real services${missing ? ` (skipped: none are recorded, ${HOW_TO_RECORD})` : ''} the doctor says`,
  () => {
    it.each([
      ['nothing where contexts are handed on', 'mixed-forwarded.differ', []],
      [
        'who hands nothing on, and whose SDK begins traces for that',
        'mixed-dropped.differ',
        [
          'context_dropped plain -> back',
          'context_dropped nginx -> upstream',
          'trace_restarted plain -> back',
        ],
      ],
      [
        'the same where it is so of half of the requests',
        'mixed-half.differ',
        ['context_dropped plain -> back', 'trace_restarted plain -> back'],
      ],
      ['who does not read what comes', 'mixed-b3.differ', ['context_ignored plain -> back']],
      [
        'who samples out, and that this may be why spans are missing',
        'mixed-sampled-out.differ',
        ['spans_missing front', 'sampled_out front'],
      ],
      [
        'who exports late',
        'mixed-late.differ',
        [
          'context_dropped plain -> back',
          'context_dropped nginx -> upstream',
          'trace_restarted plain -> back',
          'export_late back',
          'export_late front',
        ],
      ],
    ])('%s: %s', async (_, recorded, expected) => {
      expect(await findings(recorded)).toEqual(expected);
    });
  },
);
