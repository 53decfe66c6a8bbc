import { beforeEach, describe, expect, it } from 'vitest';
import { Counters } from '../../src/collector/counters.ts';
import type { Activity, Exchange } from '../../src/receiver/ebpf/exchange.ts';
import type { CaptureEvent, UnixAliveEvent, UnixSweptEvent } from '../../src/receiver/ebpf/message.ts';
import { Tracker } from '../../src/receiver/ebpf/tracker/tracker.ts';
import { End, facts } from './messages.ts';

const REQUEST = 'GET /a HTTP/1.1\r\nhost: x\r\n\r\n';
const RESPONSE = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const path = '/run/app.sock';

let tracker: Tracker;

beforeEach(() => {
  tracker = new Tracker(new Counters(), 'ebpf');
  tracker.process(facts(1));
  tracker.process(facts(2, { listeningPorts: [0] }));
});

function play(...events: CaptureEvent[]): Activity[] {
  for (const event of events) tracker.event(event);
  return tracker.take();
}

const requests = (activities: readonly Activity[]): Exchange[] =>
  activities.flatMap((activity) => (activity.type === 'request' ? [activity.exchange] : []));

const closed = (activities: readonly Activity[]) =>
  activities.flatMap((activity) =>
    activity.type === 'connection' && activity.state === 'closed' ? [activity.socket.cookie] : [],
  );

const alive = (cookie: number, at: number): UnixAliveEvent => ({ type: 'unix_alive', cookie, at });
const swept = (count: number, at: number): UnixSweptEvent => ({ type: 'unix_swept', count, at });

describe('exchanges on Unix sockets', () => {
  it('say that the other end may count otherwise where their request does', () => {
    const server = new End(1, true, { path });
    const [first, second] = requests(
      play(
        server.receive(REQUEST, 1000, { unaligned: true }),
        server.send(RESPONSE, 2000),
        server.receive(REQUEST, 3000),
      ),
    );
    expect([first!.unaligned, second!.unaligned]).toEqual([true, false]);
  });

  it('are found on a connection that is older than the capture, whose offsets begin anew', () => {
    const client = new End(1, false, { path });
    const activities = play(client.send('Q\0\0\0\rSELECT 1\0', 1000));
    expect(requests(activities)).toMatchObject([{ position: 0, protocol: { name: 'postgresql' } }]);
  });

  it('do not begin with an answer to what was asked before', () => {
    const server = new End(1, true, { path });
    const activities = play(
      server.send(RESPONSE, 500),
      server.receive(REQUEST, 1000),
      server.send(RESPONSE, 2000),
    );
    expect(requests(activities)).toHaveLength(1);
    expect(activities.filter(({ type }) => type === 'end')).toMatchObject([{ exchange: { end: 2000 } }]);
  });

  it('are told apart by who asks where the socket does not say which end it is', () => {
    const end = new End(2, undefined, { path, localPort: 0 });
    expect(requests(play(end.send(REQUEST, 1000)))).toMatchObject([{ side: 'client' }]);
  });
});

describe('Unix connections that a look at all of them does not meet', () => {
  const talk = (end: End, at: number) => play(end.receive(REQUEST, at), end.send(RESPONSE, at + 1));

  it('are closed', () => {
    talk(new End(1, true, { path, cookie: 10 }), 1000);
    talk(new End(2, true, { path, cookie: 20 }), 1000);
    expect(closed(play(alive(20, 5000), swept(1, 5001)))).toEqual([10]);
    expect(closed(play(alive(20, 6000), swept(1, 6001)))).toEqual([]);
    expect(closed(play(swept(0, 7000)))).toEqual([20]);
  });

  it('end what was open on them', () => {
    play(new End(1, true, { path }).receive(REQUEST, 1000));
    const [end] = play(swept(0, 5000)).filter((activity) => activity.type === 'end');
    expect(end).toMatchObject({ exchange: { incomplete: 'connection_closed', end: 5000 } });
  });

  it('stay while they were used since the look began', () => {
    talk(new End(1, true, { path, cookie: 10 }), 5002);
    expect(closed(play(alive(20, 5000), swept(1, 6000)))).toEqual([]);
  });

  it('stay where a record of the look was lost', () => {
    talk(new End(1, true, { path, cookie: 10 }), 1000);
    expect(closed(play(alive(20, 5000), swept(2, 5001)))).toEqual([]);
  });

  it('are no TCP connections', () => {
    talk(new End(1, true, { cookie: 10 }), 1000);
    expect(closed(play(swept(0, 5000)))).toEqual([]);
  });
});
