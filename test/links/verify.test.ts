import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { fixtureNames, HOW_TO_RECORD, readFixture } from '../../bench/links/fixture.ts';
import { measureVerify } from '../../bench/links/verify.ts';
import { disagreements } from '../../bench/links/verify-agrees.ts';
import { ManualClock } from '../../src/collector/clock.ts';
import type { Settings } from '../../src/collector/component.ts';
import { Counters } from '../../src/collector/counters.ts';
import { OtlpBatch } from '../../src/otlp/batch.ts';
import { correlateConfig, correlateOptions } from '../../src/processor/correlate/config.ts';
import { CorrelateTraces } from '../../src/processor/correlate/correlate.ts';
import { readRecordingStart } from '../../src/receiver/ebpf/capture/recording-reader.ts';
import { ReplayCapture } from '../../src/receiver/ebpf/capture/replay.ts';
import type { CapturedTraces } from '../../src/receiver/ebpf/captured-traces.ts';
import type { Process } from '../../src/receiver/ebpf/exchange.ts';
import { Tracker } from '../../src/receiver/ebpf/tracker/tracker.ts';
import { breakThread } from './broken-thread.ts';

/** Ten requests at a time. Of those whose spans come late it may have judged none. */
const NAMES = fixtureNames().filter((name) => /^mixed-(?!late).*[.]10[.]capture$/.test(name));
const FORWARDED = 'mixed-forwarded.differ.10.capture';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'spanloom-verify-'));
});
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const serviceOf = (process: Process) => process.facts.resource.find(([key]) => key === 'service.name')?.[1];

function recorded(name: string) {
  const file = join(directory, name);
  return { ...readFixture(name, file), file };
}

const missing = NAMES.length === 0 && process.env.CI !== 'true';
const skipped = missing ? ` (skipped: none are recorded, ${HOW_TO_RECORD})` : '';

describe.skipIf(missing)(
  `on recorded captures of chains with an SDK on every second service, verify${skipped}`,
  () => {
    it.each(NAMES)('says what the labels say: %s', async (name) => {
      const verification = await measureVerify(recorded(name));
      expect(disagreements(verification)).toEqual([]);
      expect(verification.rows.map(({ service, evidence }) => `${service} ${evidence}`)).toContain(
        'back thread',
      );
    });

    it('judges nothing where neither the wire nor an SDK tells', async () => {
      const { rows } = await measureVerify(recorded('mixed-dropped.differ.10.capture'));
      expect([...new Set(rows.map(({ service }) => service))]).toEqual(['back', 'front']);
    });

    it('says so where a rule is wrong', async () => {
      let calls = 0;
      breakThread((process) => serviceOf(process) === 'plain' && calls++ % 3 === 0);
      const verification = await measureVerify(recorded(FORWARDED));
      expect(disagreements(verification)).toEqual([]);
      const row = verification.rows.find(
        ({ service, evidence }) => service === 'plain' && evidence === 'thread',
      )!;
      const { right, wrong } = row.verify;
      expect(wrong / (right + wrong)).toBeGreaterThan(0.2);
      expect(wrong / (right + wrong)).toBeLessThan(0.4);
    });
  },
);

describe.skipIf(missing)(`a rule that is broken on purpose in a service${skipped}`, () => {
  it('is switched off there within a thousand calls, which is said, and comes back when it is right', async () => {
    const { file } = recorded(FORWARDED);
    const clock = new ManualClock(readRecordingStart(file));
    const counters = new Counters();
    const said: string[] = [];
    let calls = 0;
    let callsAtSwitch = 0;
    const off = () =>
      counters.gauge('spanloom_correlate_verify_off', {
        processor: 'correlate',
        service: 'plain',
        evidence: 'thread',
      }).value;
    const logger = pino(
      { level: 'info' },
      {
        write: (line: string) => {
          const { msg } = JSON.parse(line) as { readonly msg: string };
          said.push(msg);
          callsAtSwitch ||= calls;
        },
      },
    );
    // It is mended as soon as it has been noticed.
    breakThread((process) => serviceOf(process) === 'plain' && said.length === 0);

    // Traces leave soon, so that they are judged while the recording still goes on.
    const config = { decision_wait: '100ms', verify: { sample: 1, window: 100 } };
    const correlate = new CorrelateTraces(
      { id: 'correlate', clock, counters, logger } as unknown as Settings,
      correlateOptions(correlateConfig.parse(config)),
      { correlator: undefined },
      { consumeTraces: async () => {} },
    );
    const tracker = new Tracker(new Counters(), 'ebpf');
    const offAfter: number[] = [];
    const replay = new ReplayCapture({ file, clock, onWarning: (message) => expect.fail(message) });
    await replay.start({
      event: (event) => tracker.event(event),
      process: (facts) => tracker.process(facts),
      otlpTraces: (body, peer) => void correlate.consumeTraces(new OtlpBatch(body, 1, peer)),
      drained: () => {
        const activities = tracker.take();
        for (const activity of activities)
          if (activity.type === 'request' && activity.exchange.side === 'client')
            if (serviceOf(activity.exchange.process) === 'plain') calls++;
        void correlate.consumeTraces({ activities } as unknown as CapturedTraces);
        if (offAfter.at(-1) !== off()) offAfter.push(off());
      },
    });
    await replay.finished;
    await correlate.shutdown();

    expect(said).toEqual([
      expect.stringMatching(
        /^Evidence thread is off for plain: only \d+\.\d % of its last \d+ links were right, the bar is 99 %$/,
      ),
      expect.stringMatching(
        /^Evidence thread is back for plain: (99|100)\.\d % of its last 100 links were right$/,
      ),
    ]);
    expect(callsAtSwitch).toBeLessThanOrEqual(1000);
    expect(offAfter).toEqual([0, 1, 0]);
  });
});
