import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { DropLog } from '../../../src/exporter/queue/drop-log.ts';

function dropLog() {
  const lines: string[] = [];
  const time = { now: 0 };
  const log = new DropLog(
    pino({}, { write: (line) => lines.push(JSON.parse(line).msg) }),
    'spans',
    () => time.now,
  );
  return { log, lines, time };
}

describe('DropLog', () => {
  it('logs the first drop of a burst and the sum at its end', () => {
    const { log, lines } = dropLog();
    for (let i = 0; i < 10; i++) log.dropped(5, 'full', 'the queue is full');
    expect(lines).toEqual(['Exporting failed. Dropping 5 spans: the queue is full']);
    log.ended();
    log.ended();
    expect(lines.slice(1)).toEqual(['Dropped 45 more spans in 9 batches for the same reason (full)']);
  });

  it('begins a new burst for another reason', () => {
    const { log, lines } = dropLog();
    log.dropped(1, 'full', 'the queue is full');
    log.dropped(2, 'rejected', 'bad span id');
    expect(lines).toEqual([
      'Exporting failed. Dropping 1 spans: the queue is full',
      'Exporting failed. Dropping 2 spans: bad span id',
    ]);
  });

  it('mentions a burst that goes on once a minute', () => {
    const { log, lines, time } = dropLog();
    for (time.now = 0; time.now < 150_000; time.now += 1000) log.dropped(1, 'full', 'the queue is full');
    expect(lines).toHaveLength(3);
  });
});
