import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/collector/clock.ts';
import type { Peer } from '../../src/otlp/batch.ts';
import { Decoder } from '../../src/receiver/ebpf/capture/decode.ts';
import { RecordingWriter } from '../../src/receiver/ebpf/capture/recording.ts';
import { readRecordingStart } from '../../src/receiver/ebpf/capture/recording-reader.ts';
import { ReplayCapture } from '../../src/receiver/ebpf/capture/replay.ts';
import type { CaptureEvent } from '../../src/receiver/ebpf/message.ts';
import type { ProcessFacts } from '../../src/receiver/ebpf/process/facts.ts';
import { connection, fork, message, processRecord, retransmit } from './support/records.ts';

const EPOCH = 1_700_000_000_000_000_000n;
const OFFSET = EPOCH - 5_000_000_000n;

const folder = mkdtempSync(join(tmpdir(), 'recording-'));
afterAll(() => rmSync(folder, { recursive: true }));

const facts = (pid: number): ProcessFacts => ({
  pid,
  startTime: 10_000_000,
  parentPid: 1,
  namespacePids: [pid],
  executablePath: '/usr/bin/thing',
  commandArgs: ['thing', '--ünïcode'],
  owner: undefined,
  runtime: 'native',
  netns: 4,
  listeningPorts: [80],
  containerId: undefined,
  resource: [
    ['service.name', 'thing'],
    ['process.command_args', ['thing']],
    ['process.pid', pid],
  ],
});

/** What a sink saw, with views copied and times. */
type Seen = readonly [what: string, at: number, detail: unknown];

type Step =
  | { type: 'drain'; records: Buffer[]; processAfter: number | undefined; lost: number }
  | { type: 'process'; pid: number }
  | { type: 'otlp'; body: Uint8Array; peer: Peer | undefined }
  | { type: 'wait'; nanos: number };

const plain = (event: CaptureEvent): unknown =>
  event.type === 'message' ? { ...event, head: [...event.head], tail: [...event.tail] } : event;

/** Records the steps as a live capture would, and returns what its sink saw. */
function record(file: string, steps: readonly Step[]): Seen[] {
  const clock = new ManualClock(EPOCH);
  const writer = new RecordingWriter({
    file,
    clock,
    onError: (error) => {
      throw error;
    },
  });
  const seen: Seen[] = [];
  const buffer = new Uint8Array(1 << 16);
  const decoder = new Decoder(buffer);
  const process = (pid: number) => {
    writer.process(facts(pid));
    seen.push(['process', clock.now(), facts(pid)]);
  };
  for (const step of steps) {
    switch (step.type) {
      case 'wait':
        clock.advanceTo(clock.now() + step.nanos);
        break;
      case 'process':
        process(step.pid);
        break;
      case 'otlp':
        writer.otlpTraces(step.body, step.peer);
        seen.push(['otlp', clock.now(), [[...step.body], step.peer]]);
        break;
      case 'drain': {
        const bytes = Buffer.concat(step.records);
        buffer.set(bytes);
        let left = step.processAfter;
        writer.beginDrain(buffer.subarray(0, bytes.length), OFFSET);
        decoder.decode(0, bytes.length, Number(OFFSET - EPOCH), (event, next) => {
          writer.passed(next);
          seen.push(['event', clock.now(), plain(event)]);
          if (left !== undefined && left-- === 0) process(99);
        });
        if (step.lost > 0) {
          const event = { type: 'lost', count: step.lost, at: clock.now() } as const;
          writer.lost(event);
          seen.push(['event', clock.now(), event]);
        }
        writer.drained();
        seen.push(['drained', clock.now(), undefined]);
        buffer.fill(0xee);
      }
    }
  }
  writer.close();
  return seen;
}

async function replay(file: string): Promise<{ seen: Seen[]; warnings: string[]; error: unknown }> {
  const clock = new ManualClock(readRecordingStart(file));
  const seen: Seen[] = [];
  const warnings: string[] = [];
  const source = new ReplayCapture({ file, clock, onWarning: (warning) => warnings.push(warning) });
  await source.start({
    event: (event) => seen.push(['event', clock.now(), plain(event)]),
    process: (process) => seen.push(['process', clock.now(), process]),
    otlpTraces: (body, peer) => seen.push(['otlp', clock.now(), [[...body], peer]]),
    drained: () => seen.push(['drained', clock.now(), undefined]),
  });
  const error = await source.finished.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await source.shutdown();
  return { seen, warnings, error };
}

const records = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 700 }).map((head) => message({ head, at: 5_000_000_123n })),
    fc.constantFrom(connection(2), fork(3, 4n), retransmit(), processRecord('exec'), processRecord('exit')),
  ),
  { maxLength: 6 },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('drain' as const),
    records,
    processAfter: fc.option(fc.nat(6), { nil: undefined }),
    lost: fc.nat(2),
  }),
  fc.record({ type: fc.constant('process' as const), pid: fc.nat(100) }),
  fc.record({
    type: fc.constant('otlp' as const),
    body: fc.uint8Array({ maxLength: 100 }),
    peer: fc.option(fc.constantFrom({ address: '::1', port: 65_535 }, { address: '10.0.0.1', port: 1 }), {
      nil: undefined,
    }),
  }),
  fc.record({ type: fc.constant('wait' as const), nanos: fc.nat(2_000_000_000) }),
);

const SAMPLE: Step[] = [
  { type: 'process', pid: 1 },
  { type: 'drain', records: [message(), fork(99, 5n), message()], processAfter: 1, lost: 0 },
  { type: 'wait', nanos: 1_000_000 },
  { type: 'otlp', body: Buffer.from('body'), peer: { address: '127.0.0.1', port: 4000 } },
  { type: 'drain', records: [retransmit()], processAfter: undefined, lost: 2 },
];

describe('a recording', () => {
  it('replays what the live sink saw, in order and at the same times', async () => {
    const file = join(folder, 'round-trip');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const live = record(file, steps);
        const { seen, warnings, error } = await replay(file);
        expect(error).toBeUndefined();
        expect(warnings).toEqual([]);
        // JSON leaves out what is undefined.
        expect(JSON.parse(JSON.stringify(seen))).toEqual(JSON.parse(JSON.stringify(live)));
      }),
      { numRuns: 60 },
    );
  });

  it('has a process before the messages that it was told of', async () => {
    const file = join(folder, 'fork');
    record(file, SAMPLE);
    const { seen } = await replay(file);
    const what = seen.map(([kind, , detail]) => (kind === 'event' ? (detail as CaptureEvent).type : kind));
    expect(what).toEqual([
      'process',
      'message',
      'fork',
      'process',
      'message',
      'drained',
      'otlp',
      'retransmit',
      'lost',
      'drained',
    ]);
  });

  it('is good up to its last whole frame, wherever it was cut', async () => {
    const whole = join(folder, 'whole');
    const cut = join(folder, 'cut');
    const live = JSON.parse(JSON.stringify(record(whole, SAMPLE))) as unknown[];
    const bytes = readFileSync(whole);
    for (let length = 24; length < bytes.length; length++) {
      writeFileSync(cut, bytes.subarray(0, length));
      const { seen, warnings, error } = await replay(cut);
      expect(error).toBeUndefined();
      const plainSeen = JSON.parse(JSON.stringify(seen)) as unknown[];
      expect(plainSeen).toEqual(live.slice(0, plainSeen.length));
      for (const warning of warnings) expect(warning).toMatch(/cut ends in the middle of a frame/);
      expect(plainSeen.length).toBeLessThan(live.length);
    }
  });

  it('warns of a cut exactly where there is one', async () => {
    const file = join(folder, 'warn');
    record(file, SAMPLE);
    expect((await replay(file)).warnings).toEqual([]);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, -1));
    expect((await replay(file)).warnings).toEqual([
      `${file} ends in the middle of a frame: its last 15 bytes are left out. Whoever recorded it was stopped.`,
    ]);
  });

  it.each([
    ['nothing at all', Buffer.alloc(0), 'SPANLOOM_RECORDING_INVALID'],
    ['something else', Buffer.from('{"resourceSpans": []} and more text'), 'SPANLOOM_RECORDING_INVALID'],
    ['half a header', Buffer.from('SPANLOOM'), 'SPANLOOM_RECORDING_INVALID'],
    [
      'another version',
      Buffer.concat([Buffer.from('SPANLOOM'), Buffer.of(9, 0, 0, 0, 1, 0, 0, 0), Buffer.alloc(8)]),
      'SPANLOOM_RECORDING_VERSION',
    ],
  ])('is refused where it is %s', async (_, bytes, code) => {
    const file = join(folder, 'refused');
    writeFileSync(file, bytes);
    expect(() => readRecordingStart(file)).toThrow(expect.objectContaining({ code }));
    const source = new ReplayCapture({ file, clock: new ManualClock(0n), onWarning: () => {} });
    await source.start({ event() {}, process() {}, drained() {} });
    await expect(source.finished).rejects.toMatchObject({ code });
  });

  it('says that it is not there', () => {
    expect(() => readRecordingStart(join(folder, 'missing'))).toThrow(
      expect.objectContaining({ code: 'SPANLOOM_RECORDING_READ' }),
    );
  });

  it('says that it can not be written', () => {
    const options = {
      file: join(folder, 'no/such/folder'),
      clock: new ManualClock(EPOCH),
      onError: () => {},
    };
    expect(() => new RecordingWriter(options)).toThrow(
      expect.objectContaining({ code: 'SPANLOOM_RECORDING_WRITE' }),
    );
  });

  it('ends, and says so once, where the disk is full', () => {
    const errors: string[] = [];
    const writer = new RecordingWriter({
      file: '/dev/full',
      clock: new ManualClock(EPOCH),
      onError: ({ code }) => errors.push(code),
    });
    writer.process(facts(1));
    writer.drained();
    writer.close();
    expect(errors).toEqual(['SPANLOOM_RECORDING_WRITE']);
  });

  it('never brings down who replays it, whatever is damaged', async () => {
    const file = join(folder, 'damaged');
    record(file, SAMPLE);
    const bytes = readFileSync(file);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 24, max: bytes.length - 1 }), fc.nat(255)), {
          minLength: 1,
          maxLength: 4,
        }),
        async (changes) => {
          const damaged = Buffer.from(bytes);
          for (const [at, value] of changes) damaged[at] = value;
          writeFileSync(file, damaged);
          const { error } = await replay(file);
          if (error !== undefined)
            expect((error as { code?: string }).code).toMatch(/^SPANLOOM_RECORD(ING_CORRUPT|_INVALID)$/);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('stops in the middle when it is told to', async () => {
    const file = join(folder, 'stop');
    record(file, [...SAMPLE, ...SAMPLE, ...SAMPLE]);
    const clock = new ManualClock(readRecordingStart(file));
    const source = new ReplayCapture({ file, clock, onWarning: () => {} });
    let drains = 0;
    const stopped = new Promise<void>((resolve, reject) => {
      source
        .start({
          event() {},
          process() {},
          drained() {
            if (++drains === 2) source.shutdown().then(resolve, reject);
          },
        })
        .catch(reject);
    });
    await stopped;
    expect(drains).toBe(2);
  });
});
