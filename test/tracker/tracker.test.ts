import { beforeEach, describe, expect, it } from 'vitest';
import { Counters } from '../../src/collector/counters.ts';
import type { Activity, Exchange } from '../../src/receiver/ebpf/exchange.ts';
import type { CaptureEvent } from '../../src/receiver/ebpf/message.ts';
import { Tracker } from '../../src/receiver/ebpf/tracker/tracker.ts';
import { End, facts } from './messages.ts';

const REQUEST = 'GET /a HTTP/1.1\r\nhost: x\r\n\r\n';
const RESPONSE = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

let tracker: Tracker;
let counters: Counters;

beforeEach(() => {
  counters = new Counters();
  tracker = new Tracker(counters, 'ebpf');
  tracker.process(facts(1));
  tracker.process(facts(2));
});

function play(...events: CaptureEvent[]): Activity[] {
  for (const event of events) tracker.event(event);
  return tracker.take();
}

const types = (activities: readonly Activity[]) =>
  activities.filter((activity) => 'exchange' in activity).map((activity) => activity.type);

function ended(activities: readonly Activity[]): Exchange[] {
  return activities.flatMap((activity) => (activity.type === 'end' ? [activity.exchange] : []));
}

const count = (name: string) =>
  [...counters.entries()].filter((c) => c.name === name).reduce((n, c) => n + c.value, 0);

describe('exchanges of a connection', () => {
  it('begin with the request, and end with the last byte of the response', () => {
    const server = new End(1, true);
    const activities = play(server.receive(REQUEST, 1000), server.send(RESPONSE, 2000));
    expect(types(activities)).toEqual(['request', 'response', 'end']);
    const [exchange] = ended(activities);
    expect(exchange).toMatchObject({
      side: 'server',
      position: 0,
      end: 2000,
      requestBytes: REQUEST.length,
      responseBytes: RESPONSE.length,
      request: { operation: 'GET', target: '/a' },
      response: { status: 200 },
    });
  });

  it('have the same name on both ends', () => {
    const [client, server] = [new End(1, false, { cookie: 1 }), new End(2, true, { cookie: 2 })];
    const both = ended(
      play(
        client.send(REQUEST, 1),
        server.receive(REQUEST, 2),
        server.send(RESPONSE, 3),
        client.receive(RESPONSE, 4),
      ),
    );
    expect(both.map(({ side }) => side)).toEqual(['server', 'client']);
    const names = both.map(({ connection, position }) => [connection.isnLow, connection.isnHigh, position]);
    expect(names[0]).toEqual(names[1]);
  });

  it('start on the server when the request was announced, and on the client when the call began', () => {
    const server = new End(1, true, { cookie: 1 });
    const client = new End(2, false, { cookie: 2 });
    const [served, called] = ended(
      play(
        server.receive(REQUEST, 1000, { begin: 10, arrival: 900 }),
        server.send(RESPONSE, 2000),
        client.send(REQUEST, 1000, { begin: 800 }),
        client.receive(RESPONSE, 3000),
      ),
    );
    expect(served).toMatchObject({ start: 900, readAt: 1000 });
    expect(called).toMatchObject({ start: 800, readAt: undefined, end: 3000 });
  });

  it('take the thread that completed the request', () => {
    const server = new End(1, true);
    const activities = play(
      server.receive(REQUEST.slice(0, 14), 1, { tid: 11 }),
      server.receive(REQUEST.slice(14), 2, { tid: 12 }),
      server.send(RESPONSE, 3, { tid: 12 }),
    );
    expect(types(activities).filter((type) => type !== 'transfer')).toEqual(['request', 'response', 'end']);
    expect(ended(activities)[0]?.thread.tid).toBe(12);
  });

  it('follow each other on a connection, each at its own position', () => {
    const server = new End(1, true);
    const all = ended(
      play(
        server.receive(REQUEST + REQUEST, 1),
        server.send(RESPONSE, 2),
        server.send(RESPONSE, 3),
        server.receive(REQUEST, 4),
        server.send(RESPONSE, 5),
      ),
    );
    expect(all.map(({ position }) => position)).toEqual([0, REQUEST.length, 2 * REQUEST.length]);
    expect(all.map(({ requestBytes }) => requestBytes)).toEqual(Array(3).fill(REQUEST.length));
  });

  it('are paired rightly where the response was recorded before the request that another thread wrote', () => {
    const client = new End(1, false);
    play(client.send(REQUEST, 1), client.receive(RESPONSE, 2));
    const second = client.send(REQUEST, 30, { tid: 11, begin: 10 });
    const answer = client.receive(RESPONSE.replace('200', '503'), 25, { tid: 12 });
    const all = ended(play(answer, second, client.send(REQUEST, 40), client.receive(RESPONSE, 50)));
    expect(all.map(({ response }) => response?.status)).toEqual([503, 200]);
    expect(all.map(({ position }) => position)).toEqual([REQUEST.length, 2 * REQUEST.length]);
  });

  it('are recognised on connections older than the capture, by what is said', () => {
    const server = new End(1, undefined, { offsets: 5000, localPort: 8080 });
    const all = ended(play(server.receive(REQUEST, 1), server.send(RESPONSE, 2)));
    expect(all).toMatchObject([{ side: 'server', position: 5000 }]);
  });

  it('count a retransmission that happened meanwhile, not one before', () => {
    const client = new End(1, false);
    const all = ended(
      play(
        client.send(REQUEST, 1, { retransmits: 2 }),
        client.receive(RESPONSE, 2, { retransmits: 3 }),
        client.send(REQUEST, 3, { retransmits: 3 }),
        client.receive(RESPONSE, 4, { retransmits: 3 }),
      ),
    );
    expect(all.map(({ retransmits }) => retransmits)).toEqual([1, 0]);
  });

  it('of a client end, by the thread that finds it out, when no answer will come; those of a server do not', () => {
    const client = new End(1, false, { cookie: 1 });
    const server = new End(2, true, { cookie: 2 });
    play(client.send(REQUEST, 1), server.receive(REQUEST, 2));
    const activities = play(client.receive('', 20, { tid: 12 }), server.receive('', 30));
    expect(ended(activities)).toMatchObject([{ side: 'client', incomplete: 'connection_closed', end: 20 }]);
    expect(activities.find(({ type }) => type === 'end')).toMatchObject({ thread: { tid: 12 } });
    expect(ended(play(server.send(RESPONSE, 40)))).toMatchObject([{ side: 'server', incomplete: undefined }]);
  });

  it('with a body up to the end of the stream are whole when a read comes to it', () => {
    const client = new End(1, false);
    play(client.send(REQUEST, 1), client.receive('HTTP/1.1 200 OK\r\n\r\nbody', 2));
    expect(ended(play(client.receive('', 3)))).toMatchObject([{ incomplete: undefined, end: 3 }]);
  });

  it('end incomplete when the connection closes, the process ends, or the capture does', () => {
    const [a, b, c] = [
      new End(1, false, { cookie: 1 }),
      new End(2, false, { cookie: 2 }),
      new End(1, false, { cookie: 3 }),
    ];
    play(a.send(REQUEST, 1), b.send(REQUEST, 2), c.send(REQUEST, 3));
    const closed = play({
      type: 'connection',
      state: 'closed',
      task: a.task(),
      socket: a.socket,
      context: 0,
      localIsn: 3,
      remoteIsn: 7,
      at: 10,
    });
    expect(ended(closed)).toMatchObject([{ incomplete: 'connection_closed', end: 10 }]);
    expect(ended(play({ type: 'exit', task: b.task(), at: 11 }))).toMatchObject([
      { incomplete: 'process_exit' },
    ]);
    tracker.shutdown();
    expect(ended(tracker.take())).toMatchObject([{ incomplete: 'shutdown' }]);
    for (const reason of ['connection_closed', 'process_exit', 'shutdown'])
      expect(counters.counter('spanloom_ebpf_incomplete_exchanges', { receiver: 'ebpf', reason }).value).toBe(
        1,
      );
  });
});

describe('an exchange that began before the capture', () => {
  const counted = () =>
    counters.counter('spanloom_ebpf_incomplete_exchanges', {
      receiver: 'ebpf',
      reason: 'begun_before_capture',
    }).value;

  it('is counted once it is answered, is no exchange, and what was done about it is said', () => {
    const server = new End(1, true, { offsets: 5000 });
    const activities = play(
      server.receive('the rest of a body', 1000),
      server.send('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n', 2000),
      server.send('body', 2100),
      server.receive(REQUEST, 3000),
      server.send(RESPONSE, 4000),
    );
    const what = activities.flatMap((activity) =>
      activity.type === 'unfollowed'
        ? [`${activity.type} ${activity.side} ${activity.direction}`]
        : 'exchange' in activity
          ? [activity.type]
          : [],
    );
    expect(what).toEqual([
      'unfollowed server receive',
      'unfollowed server send',
      'unfollowed server send',
      'request',
      'response',
      'end',
    ]);
    expect(ended(activities)).toMatchObject([{ position: 5018, response: { status: 200 } }]);
    expect(counted()).toBe(1);
  });

  it('is not made up where the connection was idle, nor on a connection seen from its beginning', () => {
    const joined = new End(1, true, { offsets: 5000, cookie: 1 });
    const whole = new End(2, true, { cookie: 2 });
    play(joined.receive(REQUEST, 1000), joined.send(RESPONSE, 2000));
    play(whole.receive(REQUEST, 3000), whole.send(RESPONSE, 4000));
    expect(counted()).toBe(0);
  });
});

describe('what was not captured', () => {
  it('is a gap in the middle of a call, and the framing goes on behind it', () => {
    const server = new End(1, true);
    const big = `HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n${'x'.repeat(5000)}`;
    const all = ended(
      play(
        server.receive(REQUEST, 1),
        server.send(big, 2, { captured: 512, tail: 64 }),
        server.receive(REQUEST, 3),
        server.send(RESPONSE, 4),
      ),
    );
    expect(all.map(({ responseBytes }) => responseBytes)).toEqual([big.length, RESPONSE.length]);
  });

  it('is a counted gap where whole calls are missing', () => {
    const server = new End(1, true);
    play(server.receive(REQUEST, 1), server.send(RESPONSE, 2));
    server.loseReceived(100);
    play(server.receive(REQUEST, 3), server.send(RESPONSE, 4));
    expect(count('spanloom_ebpf_gaps')).toBe(1);
  });

  it('is read once where a record comes twice', () => {
    const server = new End(1, true);
    const request = server.receive(REQUEST, 1);
    expect(ended(play(request, request, server.send(RESPONSE, 2)))).toHaveLength(1);
  });
});

describe('processes and threads', () => {
  it('that are not known are counted, and nothing is made of their messages', () => {
    const stranger = new End(9, true);
    expect(play(stranger.receive(REQUEST, 1))).toEqual(
      [expect.objectContaining({ type: 'process' })]
        .slice(1)
        .concat(expect.objectContaining({ type: 'process' }), expect.objectContaining({ type: 'process' })),
    );
    expect(count('spanloom_ebpf_unknown_process_messages')).toBe(1);
  });

  it('stay the same objects while they live, with the latest facts', () => {
    const server = new End(1, true);
    const [first] = ended(play(server.receive(REQUEST, 1), server.send(RESPONSE, 2)));
    tracker.process(facts(1, { listeningPorts: [80] }));
    const [second] = ended(play(server.receive(REQUEST, 3), server.send(RESPONSE, 4)));
    expect(second?.process).toBe(first?.process);
    expect(second?.thread).toBe(first?.thread);
    expect(second?.process.facts.listeningPorts).toEqual([80]);
  });

  it('are others when the number is used again', () => {
    const server = new End(1, true);
    const [first] = ended(play(server.receive(REQUEST, 1), server.send(RESPONSE, 2)));
    tracker.process(facts(1, { startTime: 99_999 }));
    const [second] = ended(play(server.receive(REQUEST, 3), server.send(RESPONSE, 4)));
    expect(second?.process).not.toBe(first?.process);
  });

  it('announce each connection once, and again when another process takes it over', () => {
    const shared = new End(1, true, { cookie: 5 });
    const taken = new End(2, true, { cookie: 5, offsets: REQUEST.length });
    const activities = play(shared.receive(REQUEST, 1), shared.send(RESPONSE, 2), taken.receive(REQUEST, 3));
    const open = activities.filter((activity) => activity.type === 'connection');
    expect(open.map((activity) => activity.process.facts.pid)).toEqual([1, 2]);
  });
});

describe('what makes no exchange', () => {
  it('is a delivery of telemetry, although who holds the connection is told', () => {
    const client = new End(1, false);
    const activities = play(
      client.send(
        'POST /v1/traces HTTP/1.1\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n',
        1,
      ),
      client.receive('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', 2),
    );
    expect(types(activities)).not.toContain('request');
    expect(activities).toContainEqual(expect.objectContaining({ type: 'connection', state: 'open' }));
  });

  it('is an encrypted connection, counted once', () => {
    const client = new End(1, false);
    const hello = Buffer.from([0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]).toString('latin1');
    const activities = play(client.send(hello, 1), client.send(hello, 2));
    const ignored = [...counters.entries()].filter(
      ({ name }) => name === 'spanloom_ebpf_ignored_connections',
    );
    expect(ignored).toMatchObject([{ attributes: { reason: 'encrypted' }, value: 1 }]);
    expect(activities.filter(({ type }) => type === 'unread')).toMatchObject([
      { reason: 'encrypted', process: { facts: { pid: 1 } } },
    ]);
  });
});

describe('a process that executes another program', () => {
  const exec = (at: number): CaptureEvent => ({ type: 'exec', task: new End(1, true).task(), at });
  const next = facts(1, { executablePath: '/usr/bin/next', resource: [['service.name', 'next']] });
  const serviceOf = ({ process }: Exchange) => process.facts.resource[0]![1];

  it('leaves what it did before to the program before', () => {
    const server = new End(1, true);
    const before = ended(play(server.receive(REQUEST, 1), server.send(RESPONSE, 2)));
    play(exec(3));
    tracker.process(next);
    const after = ended(play(server.receive(REQUEST, 4), server.send(RESPONSE, 5)));
    expect([...before, ...after].map(serviceOf)).toEqual(['service-1', 'next']);
  });

  it('keeps its connections, and answers what the program before has read', () => {
    const server = new End(1, true);
    play(server.receive(REQUEST, 1), exec(2));
    tracker.process(next);
    const activities = play(server.send(RESPONSE, 3));
    expect(ended(activities)).toMatchObject([{ end: 3, incomplete: undefined }]);
    expect(
      activities.flatMap((a) => (a.type === 'connection' ? [[a.state, a.process.facts.pid]] : [])),
    ).toEqual([['open', 1]]);
    expect(activities.map((activity) => activity.type)).toContain('process_exit');
  });

  it('is the same process when no more than its ports change', () => {
    const server = new End(1, true);
    play(server.receive(REQUEST, 1));
    tracker.process(facts(1, { listeningPorts: [80] }));
    const activities = play(server.send(RESPONSE, 3));
    expect(activities.map((activity) => activity.type)).not.toContain('process_exit');
    const told = activities.find((activity) => activity.type === 'process')!.process;
    expect(activities.find((activity) => activity.type === 'end')!.exchange.process).toBe(told);
    expect(told.facts.listeningPorts).toEqual([80]);
  });
});

describe('a process id that is used again, where the end of the one before was lost', () => {
  it('ends what the one before had open', () => {
    const server = new End(1, true);
    play(server.receive(REQUEST, 1));
    tracker.process(facts(1, { startTime: 5000 }));
    const activities = play();
    expect(ended(activities)).toMatchObject([{ incomplete: 'process_exit' }]);
    expect(activities.map(({ type }) => type)).toEqual(expect.arrayContaining(['process_exit', 'process']));
  });
});

describe('a thread id that is used again', () => {
  it('is another thread', () => {
    const server = new End(1, true);
    const first = server.receive(REQUEST, 1);
    const answer = server.send(RESPONSE, 2);
    const second = server.receive(REQUEST, 3);
    const again = { ...second, task: { ...second.task, threadStart: second.task.threadStart + 1 } };
    const threads = play(first, answer, again).flatMap((a) => (a.type === 'request' ? [a.thread] : []));
    expect(threads.map(({ tid }) => tid)).toEqual([1, 1]);
    expect(threads[0]).not.toBe(threads[1]);
  });
});

describe('bytes that were seen already, or not at all', () => {
  it('are not read twice', () => {
    const server = new End(1, true);
    const request = server.receive(REQUEST, 1);
    const activities = play(request, { ...request, end: 2 }, server.send(RESPONSE, 3));
    expect(types(activities)).toEqual(['request', 'response', 'end']);
  });

  it('leave a gap, behind which the next request is found', () => {
    const server = new End(1, true);
    const post = 'POST /b HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n';
    const first = server.receive(post, 1);
    server.loseReceived(50);
    const activities = play(
      first,
      server.send(RESPONSE, 2),
      server.receive(REQUEST, 3),
      server.send(RESPONSE, 4),
    );
    expect(ended(activities).map(({ request }) => request?.target)).toEqual(['/b', '/a']);
  });

  it('of a response wait for the record of its request', () => {
    const client = new End(1, false);
    play(client.send(REQUEST, 1), client.receive(RESPONSE, 2));
    const answer = client.receive(RESPONSE, 14, { begin: 14 });
    const activities = play(answer, client.send(REQUEST, 15, { begin: 12 }), client.send(REQUEST, 30));
    expect(ended(activities)).toMatchObject([{ start: 12, end: 14, response: { status: 200 } }]);
  });
});
