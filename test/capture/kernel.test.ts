import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Live, whyNoCapture } from './support/live.ts';
import { Pair } from './support/puppet.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

describe.skipIf(whyNoCapture())('a capture of real sockets', () => {
  let live: Live;
  let pair: Pair;

  beforeAll(async () => {
    live = await new Live().start();
  });
  afterAll(() => live.stop());
  beforeEach(async () => {
    pair = new Pair();
    await pair.listen();
    live.capture.select(pair.client.pid);
    live.capture.select(pair.server.pid);
  });
  afterEach(() => pair.stop());

  it('names a connection and its positions the same on both ends', async () => {
    await pair.connect();
    await pair.client.run("c.sendall(b'one'); c.sendall(b'twoo')");
    await pair.server.run("s.recv(3); s.recv(4); s.sendall(b'answer')");
    await pair.client.run('c.recv(100)');
    const [first, second] = await live.until(() => {
      const sent = live.messages(pair.client.pid, 'send');
      return sent.length === 2 && sent;
    });
    const received = await live.until(() => {
      const all = live.messages(pair.server.pid, 'receive');
      return all.length === 2 && all;
    });
    const answer = await live.messageAfter(pair.server.pid, 'send', 'answer');
    const answered = await live.messageAfter(pair.client.pid, 'receive', 'answer');

    expect([first!.offset, second!.offset]).toEqual([0, 3]);
    expect(received.map(({ offset, head }) => [offset, text(head)])).toEqual([
      [0, 'one'],
      [3, 'twoo'],
    ]);
    expect([answer.offset, answered.offset]).toEqual([0, 0]);
    for (const message of [second!, answered]) {
      expect(message.localIsn).toBe(received[0]!.remoteIsn);
      expect(message.remoteIsn).toBe(received[0]!.localIsn);
      expect(message.localIsn).toBe(answer.remoteIsn);
    }
    expect(first!.localIsn).not.toBe(0);
    expect(first!.socket.accepted).toBe(false);
    expect(answer.socket.accepted).toBe(true);
    expect(first!.socket.remotePort).toBe(pair.port);
    expect(answer.socket.localPort).toBe(pair.port);
    expect(first!.socket.localAddress).toBe('127.0.0.1');
    expect(first!.begin).toBeLessThanOrEqual(first!.end);
    expect(received[1]!.begin).toBe(received[1]!.end);
    expect(Math.abs(first!.end - live.clock.now())).toBeLessThan(60e9);
  });

  it('tells a connection from its opening to its close, on both ends', async () => {
    await pair.connect();
    await pair.client.run("c.sendall(b'hello')");
    await pair.server.run('s.recv(5)');
    await pair.client.run('c.close()');
    await pair.server.run('s.recv(5); s.close()');
    const closed = (pid: number) => live.connections(pid).some(({ state }) => state === 'closed');
    await live.until(() => closed(pair.client.pid) && closed(pair.server.pid));

    const client = live.connections(pair.client.pid);
    expect(client.map(({ state }) => state)).toEqual(['opening', 'established', 'closed']);
    expect(client[0]!.socket.localPort).toBe(0);
    expect(client[1]!.socket.localPort).toBeGreaterThan(0);
    expect(client[0]!.socket.cookie).toBe(client[2]!.socket.cookie);
    const server = live.connections(pair.server.pid);
    expect(server.map(({ state }) => state)).toEqual(['established', 'closed']);
    expect(server[0]!.localIsn).toBe(client[1]!.remoteIsn);
    expect(server[0]!.remoteIsn).toBe(client[1]!.localIsn);
  });

  it('does not take a half-closed connection for closed', async () => {
    await pair.connect();
    await pair.client.run("c.sendall(b'request'); c.shutdown(socket.SHUT_WR)");
    await pair.server.run("s.recv(7); s.sendall(b'reply')");
    await pair.client.run('c.recv(5)');
    await live.messageAfter(pair.client.pid, 'receive', 'reply');
    expect(live.connections(pair.client.pid).map(({ state }) => state)).toEqual(['opening', 'established']);
  });

  it('counts no byte for the end of the stream that a read comes to', async () => {
    await pair.connect();
    await pair.server.run("s.sendall(b'first')");
    await pair.client.run('c.recv(5)');
    await pair.server.run("s.sendall(b'last'); s.shutdown(socket.SHUT_WR); time.sleep(0.05)");
    await pair.client.run('c.recv(100)');
    expect((await live.messageAfter(pair.client.pid, 'receive', 'last')).offset).toBe(5);
  });

  it('reports once that a read came to the end of the stream, and none that found nothing to read', async () => {
    await pair.connect();
    await pair.server.run("s.sendall(b'last')");
    await pair.client.run('c.recv(4); c.setblocking(False)');
    await expect(pair.client.run('c.recv(1)')).rejects.toThrow('BlockingIOError');
    await pair.server.run('s.shutdown(socket.SHUT_WR)');
    await pair.client.run("time.sleep(0.05); c.recv(1); c.recv(1); c.sendall(b'thanks')");
    await live.messageAfter(pair.client.pid, 'send', 'thanks');
    const read = live.messages(pair.client.pid, 'receive').map(({ offset, length }) => [offset, length]);
    expect(read).toEqual([
      [0, 4],
      [4, 0],
    ]);
  });

  it('reports the read that found the connection broken, and its end only when the program lets go', async () => {
    await pair.connect();
    await pair.client.run("c.sendall(b'unread')");
    await pair.server.run(
      "s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\\1\\0\\0\\0' + bytes(4)); s.close()",
    );
    await expect(pair.client.run('time.sleep(0.05); c.recv(1)')).rejects.toThrow('ConnectionReset');
    const states = () => live.connections(pair.client.pid).map(({ state }) => state);
    await live.until(() => live.messages(pair.client.pid, 'receive').length === 1);
    expect(live.messages(pair.client.pid, 'receive')[0]).toMatchObject({ offset: 0, length: 0 });
    expect(states()).toEqual(['opening', 'established']);
    await pair.client.run('c.close()');
    await live.until(() => states().at(-1) === 'closed');
  });

  it('keeps the position of what is read after the program shut down reading itself', async () => {
    await pair.connect();
    await pair.server.run("s.sendall(b'first'); time.sleep(0.05)");
    await pair.client.run('c.shutdown(socket.SHUT_RD); c.recv(5)');
    expect((await live.messageAfter(pair.client.pid, 'receive', 'first')).offset).toBe(0);
  });

  it('closes a connection attempt that is refused', async () => {
    await pair.server.run('l.close()');
    await expect(pair.connect()).rejects.toThrow('ConnectionRefused');
    await live.until(() => live.connections(pair.client.pid).length === 2);
    expect(live.connections(pair.client.pid).map(({ state }) => state)).toEqual(['opening', 'closed']);
  });

  it('reports what a partial send moved, not what was offered', async () => {
    await pair.connect();
    const sent = Number(
      await pair.client.run(
        "c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096); c.setblocking(False); c.send(b'x' * 20_000_000)",
      ),
    );
    expect(sent).toBeLessThan(20_000_000);
    const [message] = await live.until(() => {
      const all = live.messages(pair.client.pid, 'send');
      return all.length > 0 && all;
    });
    expect(message!.length).toBe(sent);
    await pair.server.run(`n = 0\nwhile n < ${sent}: n += len(s.recv(65536))`);
    await pair.client.run("c.setblocking(True); c.sendall(b'rest')");
    expect((await live.messageAfter(pair.client.pid, 'send', 'rest')).offset).toBe(sent);
    const received = live.messages(pair.server.pid, 'receive');
    expect(received.reduce((sum, { length }) => sum + length, 0)).toBe(sent);
  });

  it('takes the time of a send from its begin where the send had to wait', async () => {
    await pair.connect();
    await pair.client.run('c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)');
    await pair.client.run(
      "done = []\nt = threading.Thread(target=lambda: done.append(c.send(b'y' * 1_000_000)))\nt.start()",
    );
    await pair.server.run('time.sleep(0.2)\nn = 0\nwhile n < 1_000_000: n += len(s.recv(1 << 20))');
    await pair.client.run('t.join()');
    const [message] = await live.until(() => {
      const all = live.messages(pair.client.pid, 'send');
      return all.length > 0 && all;
    });
    expect(message).toMatchObject({ offset: 0, length: 1_000_000 });
    expect(message!.end - message!.begin).toBeGreaterThan(100e6);
    expect(message!.task.tid).not.toBe(pair.client.pid);
  });

  it('reports nothing for a peek, and the read that follows once', async () => {
    await pair.connect();
    await pair.client.run("c.sendall(b'peeked')");
    await pair.server.run(
      "s.recv(6, socket.MSG_PEEK); s.recv(6, socket.MSG_PEEK); s.recv(6); s.sendall(b'done')",
    );
    await live.messageAfter(pair.server.pid, 'send', 'done');
    expect(live.messages(pair.server.pid, 'receive').map(({ head }) => text(head))).toEqual(['peeked']);
  });

  it('reports the length alone of bytes that were thrown away', async () => {
    await pair.connect();
    await pair.client.run("c.sendall(b'thrown awaykept')");
    await pair.server.run("s.recv(11, socket.MSG_TRUNC); s.recv(4); s.sendall(b'done')");
    await live.messageAfter(pair.server.pid, 'send', 'done');
    expect(live.messages(pair.server.pid, 'receive').map((m) => [m.offset, m.length, text(m.head)])).toEqual([
      [0, 11, ''],
      [11, 4, 'kept'],
    ]);
  });

  it('gathers what lies in up to eight buffers, with the tail', async () => {
    await pair.connect();
    await pair.client.run("c.sendmsg([b'a' * 3, b'', b'b' * 5, b'c'])");
    await pair.client.run("c.sendmsg([b'0' * 300, b'1' * 300, b'2' * 300, b'3' * 40])");
    await pair.client.run('os.writev(c.fileno(), [bytes([65 + i]) * 10 for i in range(12)])');
    await pair.client.run('os.writev(c.fileno(), [bytes([65 + i]) * 100 for i in range(12)])');
    await pair.client.run("os.writev(c.fileno(), [b'w' * 100] * 8 + [b'v' * 10])");
    const sent = await live.until(() => {
      const all = live.messages(pair.client.pid, 'send');
      return all.length === 5 && all;
    });
    expect(text(sent[0]!.head)).toBe('aaabbbbbc');
    expect(sent[1]!.length).toBe(940);
    expect(text(sent[1]!.head)).toBe('0'.repeat(300) + '1'.repeat(212));
    expect(text(sent[1]!.tail)).toBe('2'.repeat(24) + '3'.repeat(40));
    const letters = (count: number, times: number) =>
      Array.from({ length: count }, (_, i) => String.fromCharCode(65 + i).repeat(times)).join('');
    expect(sent[2]!.length).toBe(120);
    expect(text(sent[2]!.head)).toBe(letters(8, 10));
    expect(text(sent[2]!.tail)).toBe('');
    // The tail lies partly beyond the eighth buffer.
    expect([sent[4]!.length, sent[4]!.head.length, sent[4]!.tail.length]).toEqual([810, 512, 0]);
    expect(sent[3]!.length).toBe(1200);
    expect(text(sent[3]!.head)).toBe(letters(8, 100).slice(0, 512));
    expect(text(sent[3]!.tail)).toBe('');
  });

  it('gathers a read into several buffers', async () => {
    await pair.connect();
    await pair.client.run("c.sendall(b'HTTP/1.1 200 OK' + b'z' * 5000 + b'the end')");
    await pair.server.run(
      'time.sleep(0.05); s.recvmsg_into([bytearray(10), bytearray(1000), bytearray(9000)])',
    );
    const message = await live.messageAfter(pair.server.pid, 'receive', 'HTTP');
    expect(message.length).toBe(5022);
    expect(text(message.head)).toBe(`HTTP/1.1 200 OK${'z'.repeat(4081)}`);
    expect(text(message.tail)).toBe(`${'z'.repeat(57)}the end`);
  });

  it.each([192, 193, 576, 577, 600, 4160, 4161, 70_000])(
    'copies as much of %i bytes as it should',
    async (length) => {
      await pair.connect();
      await pair.client.run(
        `plain = bytes(97 + i % 26 for i in range(${length})); c.sendall(plain); c.sendall((b'POST /' + plain)[:${length}])`,
      );
      const [plain, http] = await live.until(() => {
        const all = live.messages(pair.client.pid, 'send');
        return all.length === 2 && all;
      });
      const whole = Buffer.from({ length }).map((_, i) => 97 + (i % 26));
      expect(text(plain!.head)).toBe(text(whole.subarray(0, length <= 576 ? length : 512)));
      expect(text(plain!.tail)).toBe(length <= 576 ? '' : text(whole.subarray(-64)));
      const posted = Buffer.concat([Buffer.from('POST /'), whole]).subarray(0, length);
      expect(text(http!.head)).toBe(text(posted.subarray(0, length <= 4160 ? length : 4096)));
      expect(text(http!.tail)).toBe(length <= 4160 ? '' : text(posted.subarray(-64)));
    },
  );

  it.skipIf(!existsSync('/proc/sys/net/mptcp/enabled'))(
    'captures plain clients of an MPTCP listener',
    async () => {
      await pair.server.run(
        `l.close(); l = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262); l.bind(('127.0.0.1', ${pair.port})); l.listen()`,
      );
      await pair.connect();
      await pair.client.run("c.sendall(b'plain')");
      await pair.server.run('s.recv(5)');
      const message = await live.messageAfter(pair.server.pid, 'receive', 'plain');
      expect(message).toMatchObject({ offset: 0, socket: { accepted: true } });
    },
  );

  it('leaves a gap of the right length where a file is sent', async () => {
    await pair.connect();
    await pair.client.run(
      "f = os.memfd_create('page'); os.write(f, b'p' * 10_000); c.sendall(b'before'); os.sendfile(c.fileno(), f, 0, 10_000); c.sendall(b'after')",
    );
    const after = await live.messageAfter(pair.client.pid, 'send', 'after');
    expect(after.offset).toBe(10_006);
    const gaps = live.messages(pair.client.pid, 'send').slice(1, -1);
    expect(gaps.reduce((sum, { length }) => sum + length, 0)).toBe(10_000);
    expect(gaps.every(({ head, tail }) => head.length + tail.length === 0)).toBe(true);
  });

  it('says when data came that waited to be read', async () => {
    await pair.connect();
    await pair.client.run("c.sendall(b'first')");
    await pair.server.run('time.sleep(0.2); s.recv(5)');
    await pair.client.run("c.sendall(b'second')");
    await pair.server.run('time.sleep(0.1); s.recv(6)');
    for (const [content, wait] of [
      ['first', 150e6],
      ['second', 50e6],
    ] as const) {
      const sent = await live.messageAfter(pair.client.pid, 'send', content);
      const received = await live.messageAfter(pair.server.pid, 'receive', content);
      expect(received.arrival).toBeGreaterThanOrEqual(sent.begin);
      expect(received.begin - received.arrival).toBeGreaterThan(wait);
    }
  });

  it('reports nothing of processes that are not selected', async () => {
    live.capture.unselect(pair.client.pid);
    await pair.connect();
    await pair.client.run("c.sendall(b'unseen')");
    await pair.server.run('s.recv(6)');
    await live.messageAfter(pair.server.pid, 'receive', 'unseen');
    live.capture.select(pair.client.pid);
    await pair.client.run("c.sendall(b'seen')");
    const seen = await live.messageAfter(pair.client.pid, 'send', 'seen');
    expect(seen.offset).toBe(6);
    expect(live.messages(pair.client.pid)).toHaveLength(1);
    expect(live.connections(pair.client.pid).map(({ state }) => state)).toEqual(['established']);
    expect(() => live.capture.select(process.pid)).toThrow('never captures');
  });

  it('captures the children of a selected process', async () => {
    await pair.connect();
    const child = Number(
      await pair.client.run(
        "pid = os.fork()\nif pid == 0:\n  c.sendall(b'from the child'); os._exit(0)\nos.waitpid(pid, 0)\npid",
      ),
    );
    const message = await live.messageAfter(child, 'send', 'from the child');
    expect(message.task.pid).toBe(child);
    const fork = live.events.find((event) => event.type === 'fork' && event.childPid === child);
    expect(fork).toMatchObject({ task: { pid: pair.client.pid }, childStart: message.task.processStart });
    await live.until(() => live.events.some((event) => event.type === 'exit' && event.task.pid === child));
  });

  it('reports the end of a thread apart from the end of its process', async () => {
    const tid = Number(
      await pair.client.run(
        'ids = []\nt = threading.Thread(target=lambda: ids.append(threading.get_native_id()))\nt.start()\nt.join()\nids[0]',
      ),
    );
    await live.until(() =>
      live.events.some((event) => event.type === 'thread_exit' && event.task.tid === tid),
    );
    await pair.client.stop();
    await live.until(() =>
      live.events.some((event) => event.type === 'exit' && event.task.pid === pair.client.pid),
    );
    const ends = live.events.filter(
      (event) =>
        (event.type === 'thread_exit' || event.type === 'exit') && event.task.pid === pair.client.pid,
    );
    expect(ends.map(({ type }) => type)).toEqual(['thread_exit', 'exit']);
    pair = new Pair();
  });

  it('reports which thread made a thread', async () => {
    const [by, tid] = (await pair.client.run(
      'ids = [threading.get_native_id()]\nt = threading.Thread(target=lambda: ids.append(threading.get_native_id()))\nt.start()\nt.join()\nids',
    )) as [number, number];
    const start = await live.until(() =>
      live.events.find((event) => event.type === 'thread_start' && event.childTid === tid),
    );
    expect(start).toMatchObject({ task: { pid: pair.client.pid, tid: by } });
  });

  it('reports whom a thread wakes that has read where it calls out, until it calls out again', async () => {
    await pair.connect();
    const [waiter, waker] = (await pair.client.run(`
locks = [threading.Lock() for _ in range(4)]
for lock in locks: lock.acquire()
went = []
ids = []
def wait():
  ids.append(threading.get_native_id())
  for lock in locks:
    lock.acquire()
    went.append(1)
w = threading.Thread(target=wait, daemon=True)
w.start()
def go(n):
  time.sleep(0.1)
  locks[n].release()
  while len(went) <= n: time.sleep(0.01)
[ids[0], threading.get_native_id()]`)) as [number, number];
    const wakes = () =>
      live.events.filter(
        (event) =>
          event.type === 'wake' && event.task.tid === waker && event.wokenTid === waiter && !event.timed,
      );
    await pair.client.run('go(0)');
    await pair.client.run("c.sendall(b'question')");
    await pair.server.run("s.recv(100); s.sendall(b'answer')");
    await pair.client.run('c.recv(100); go(1)');
    await live.until(() => wakes().length > 0);
    await pair.client.run("c.sendall(b'another'); go(2)");
    await pair.server.run("s.recv(100); s.sendall(b'answer')");
    await pair.client.run('c.recv(100); go(3)');
    await live.until(() => wakes().length > 1);
    const before = (wake: (typeof live.events)[number], direction: 'send' | 'receive') =>
      live.messages(pair.client.pid, direction).filter((message) => 'at' in wake && message.end < wake.at)
        .length;
    // The interpreter's own lock may wake the same thread once more.
    const moments = wakes().map((wake) => `${before(wake, 'send')} sent, ${before(wake, 'receive')} read`);
    expect([...new Set(moments)]).toEqual(['1 sent, 1 read', '2 sent, 2 read']);
  });

  it('reports who listens', async () => {
    const { port } = pair;
    await pair.server.run("m = socket.socket(socket.AF_INET6); m.bind(('::1', 0)); m.listen(); 0");
    await live.until(() =>
      live.events.some((e) => e.type === 'listen' && e.task.pid === pair.server.pid && e.address === '::1'),
    );
    expect(live.events.some((event) => event.type === 'listen' && event.port === port)).toBe(false);
  });

  it('keeps concurrent senders on one socket apart', async () => {
    await pair.connect();
    await pair.client.run(
      'def send(ch):\n  for i in range(1000): c.sendall(ch * 700)\nts = [threading.Thread(target=send, args=(ch,)) for ch in (b"a", b"b", b"c")]\n[t.start() for t in ts]\n0',
    );
    const stream = String(
      await pair.server.run("d = b''\nwhile len(d) < 2_100_000: d += s.recv(65536)\nd.decode()"),
    );
    await pair.client.run('[t.join() for t in ts]\n0');
    const sent = await live.until(() => {
      const all = live.messages(pair.client.pid, 'send');
      return all.length === 3000 && all;
    });
    for (const { offset, head } of sent) expect(text(head)).toBe(stream.slice(offset, offset + 512));
    expect(new Set(sent.map(({ offset }) => offset)).size).toBe(3000);
  });
});
