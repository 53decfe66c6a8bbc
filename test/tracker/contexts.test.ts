import { describe, expect, it } from 'vitest';
import { Counters } from '../../src/collector/counters.ts';
import type { Activity, ExecutionContext } from '../../src/receiver/ebpf/exchange.ts';
import type { CaptureEvent, TaskId } from '../../src/receiver/ebpf/message.ts';
import { Contexts, KEPT_ANCESTORS } from '../../src/receiver/ebpf/tracker/contexts.ts';
import { Tracker } from '../../src/receiver/ebpf/tracker/tracker.ts';
import { End, facts } from './messages.ts';

const PARENT = 0xc000_0001_0000;
const CHILD = 0xc000_0002_0000;

const begun = (task: TaskId, context: number, parent: number): CaptureEvent => ({
  type: 'context',
  state: 'begun',
  task,
  context,
  parent,
  origin: 0x40_0000,
  at: 5,
});

function requests(activities: readonly Activity[]): (ExecutionContext | undefined)[] {
  return activities.flatMap((activity) => (activity.type === 'request' ? [activity.context] : []));
}

describe('execution contexts', () => {
  it('say which of them read a request, and who made that', () => {
    const tracker = new Tracker(new Counters(), 'ebpf');
    const end = new End(1, true);
    tracker.process(facts(1));
    tracker.event(begun(end.task(), CHILD, PARENT));
    tracker.event(end.receive('GET / HTTP/1.1\r\n\r\n', 10, { context: CHILD }));
    const activities = tracker.take();
    const [context] = requests(activities);
    expect(context).toMatchObject({ origin: 0x40_0000, parent: { parent: undefined, origin: 0 } });
    expect(activities.find(({ type }) => type === 'context')).toMatchObject({ state: 'begun', context });
  });

  it('are unknown where the kernel side tells none', () => {
    const tracker = new Tracker(new Counters(), 'ebpf');
    const end = new End(1, true);
    tracker.process(facts(1));
    tracker.event(end.receive('GET / HTTP/1.1\r\n\r\n', 10));
    expect(requests(tracker.take())).toEqual([undefined]);
  });

  it('are others after records were lost', () => {
    const tracker = new Tracker(new Counters(), 'ebpf');
    const end = new End(1, true);
    tracker.process(facts(1));
    tracker.event(end.receive('GET /1 HTTP/1.1\r\n\r\n', 10, { context: CHILD }));
    tracker.event({ type: 'lost', count: 1, at: 11 });
    tracker.event(end.receive('GET /2 HTTP/1.1\r\n\r\n', 12, { context: CHILD }));
    const [first, second] = requests(tracker.take());
    expect(first).toBeDefined();
    expect(second).toBeDefined();
    expect(second).not.toBe(first);
  });
});

describe('the contexts of a process', () => {
  const contexts = () => new Contexts({ facts: facts(1) });

  it('are one object for one life', () => {
    const all = contexts();
    const first = all.begun(CHILD, PARENT, 1, 5);
    expect(all.at(CHILD)).toBe(first);
    expect(first.parent).toBe(all.at(PARENT));
    const second = all.begun(CHILD, PARENT, 1, 5);
    expect(second).not.toBe(first);
    expect(all.ended(CHILD)).toBe(second);
    expect(all.at(CHILD)).not.toBe(second);
    expect(all.ended(7)).toBeUndefined();
  });

  it('keep a limited number of ancestors', () => {
    const all = contexts();
    for (let i = 1; i < 1000; i++) all.begun(i + 1, i, 0, i);
    let ancestors = 0;
    for (let at = all.at(1000)?.parent; at; at = at.parent) ancestors++;
    expect(ancestors).toBe(KEPT_ANCESTORS);
  });

  it('are limited in number', () => {
    const all = contexts();
    const first = all.at(1);
    for (let i = 2; i < 70_000; i++) all.at(i);
    expect(all.at(1)).not.toBe(first);
  });
});
