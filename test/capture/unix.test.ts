import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../src/receiver/ebpf/message.ts';
import { Live, whyNoCapture, whyNoIterators } from './support/live.ts';
import { Puppet } from './support/puppet.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** Direction, offset, bytes; `?` where it is not sure that the other end counts the same. */
const brief = ({ direction, offset, head, unaligned }: Message) =>
  `${direction} ${offset} ${text(head)}${unaligned ? '?' : ''}`;

describe.skipIf(whyNoCapture())('a capture of Unix stream sockets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-unix-'));
  const path = join(folder, 'app.sock');
  let live: Live;
  let client: Puppet;
  let server: Puppet;

  beforeAll(async () => {
    live = await new Live({ unixSweepIntervalMs: 100 }).start();
  });
  afterAll(async () => {
    await live.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    client = new Puppet();
    server = new Puppet();
    await listen(path);
  });
  afterEach(async () => {
    await Promise.all([client.stop(), server.stop()]);
    rmSync(path, { force: true });
  });

  const listen = (name: string) =>
    server.run(`l = socket.socket(socket.AF_UNIX); l.bind(${JSON.stringify(name)}); l.listen()`);

  async function connect(name = path, before = ''): Promise<void> {
    await client.run(`c = socket.socket(socket.AF_UNIX); ${before}c.connect(${JSON.stringify(name)})`);
    await server.run('s = l.accept()[0]');
  }

  const select = (...puppets: Puppet[]) => {
    for (const { pid } of puppets) live.capture.select(pid);
  };

  const conversation = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await client.run(`c.sendall(b'ask ${i}')`);
      await server.run(`s.recv(100); s.sendall(b'answer ${i}')`);
      await client.run('c.recv(100)');
    }
  };

  it('names a connection and its positions the same on both ends', async () => {
    select(client, server);
    await connect();
    await conversation(2);
    await live.messageAfter(client.pid, 'receive', 'answer 1');
    const asked = live.messages(client.pid);
    const answered = live.messages(server.pid);

    expect(asked.map(brief)).toEqual([
      'send 0 ask 0',
      'receive 0 answer 0',
      'send 5 ask 1',
      'receive 8 answer 1',
    ]);
    expect(answered.map(brief)).toEqual([
      'receive 0 ask 0',
      'send 0 answer 0',
      'receive 5 ask 1',
      'send 8 answer 1',
    ]);
    expect(asked[0]!.localIsn).toBe(answered[0]!.remoteIsn);
    expect(asked[0]!.remoteIsn).toBe(answered[0]!.localIsn);
    expect(asked[0]!.socket).toMatchObject({ path, localAddress: '', remoteAddress: path, accepted: false });
    expect(answered[0]!.socket).toMatchObject({
      path,
      localAddress: path,
      remoteAddress: '',
      accepted: true,
    });
  });

  it('gives each connection between the same programs a name of its own', async () => {
    select(client, server);
    await connect();
    await conversation(1);
    await client.run('c.close()');
    await server.run('s.close()');
    await connect();
    await conversation(1);
    const names = await live.until(() => {
      const sent = live.messages(client.pid, 'send');
      return sent.length === 2 && sent.map(({ localIsn, remoteIsn }) => `${localIsn} ${remoteIsn}`);
    });
    expect(new Set(names).size).toBe(2);
  });

  it('tells which end was accepted where both are bound, and names an abstract socket', async () => {
    const abstract = `\0spanloom-${server.pid}`;
    await listen(abstract);
    select(client, server);
    await connect(abstract, "c.bind(b'\\0spanloom-client'); ");
    await conversation(1);
    await live.messageAfter(client.pid, 'receive', 'answer 0');
    const name = `@spanloom-${server.pid}`;
    expect(live.messages(client.pid)[0]!.socket).toMatchObject({ path: name, accepted: false });
    expect(live.messages(server.pid)[0]!.socket).toMatchObject({ path: name, accepted: true });
  });

  it('follows a connection that was idle when its ends were chosen', async () => {
    await connect();
    await conversation(3);
    select(client, server);
    await client.run("c.sendall(b'new')");
    await server.run('s.recv(100)');
    await live.messageAfter(server.pid, 'receive', 'new');
    expect(live.messages(client.pid).map(brief)).toEqual(['send 0 new']);
    expect(live.messages(server.pid).map(brief)).toEqual(['receive 0 new']);
  });

  it('starts behind what was waiting to be read when the sender was chosen', async () => {
    await connect();
    await client.run("c.sendall(b'old')");
    select(client, server);
    await client.run("c.sendall(b'new')");
    await server.run('s.recv(3); s.recv(3)');
    await live.messageAfter(server.pid, 'receive', 'new');
    expect(live.messages(client.pid).map(brief)).toEqual(['send 3 new']);
    expect(live.messages(server.pid).map(brief)).toEqual(['receive 0 old', 'receive 3 new']);
  });

  it('does not say that two ends agree before they do, where the reader was chosen with bytes waiting', async () => {
    await connect();
    await client.run("c.sendall(b'old')");
    select(client, server);
    await server.run('s.recv(100)');
    await client.run("c.sendall(b'first')");
    await server.run('s.recv(100)');
    await client.run("c.sendall(b'second')");
    await server.run('s.recv(100)');
    await live.messageAfter(server.pid, 'receive', 'second');
    const sent = live.messages(client.pid).map(brief);
    const received = live.messages(server.pid).map(brief);
    expect(received).toEqual(['receive 0 old', 'receive 3 first', 'receive 8 second']);
    expect(sent).toEqual(['send 3 first', 'send 8 second']);
  });

  it('counts what an end moved before it was chosen, from the first use of the other end on', async () => {
    select(client);
    await connect();
    await conversation(3);
    select(server);
    await client.run("c.sendall(b'now both')");
    await server.run('s.recv(100)');
    await live.messageAfter(server.pid, 'receive', 'now both');
    expect(brief(live.messages(client.pid, 'send').at(-1)!)).toBe('send 15 now both');
    expect(live.messages(server.pid).map(brief)).toEqual(['receive 15 now both']);
  });

  it('gives positions of what several threads and processes write one after the other', async () => {
    select(client, server);
    await connect();
    await client.run("c.sendall(b'parent')");
    await client.run("pid = os.fork()\nif pid == 0: c.sendall(b'child'); os._exit(0)\nos.waitpid(pid, 0)");
    await client.run("c.sendall(b'end')");
    await server.run('time.sleep(0.05); s.recv(100)');
    const [all] = await live.until(() => {
      const received = live.messages(server.pid, 'receive');
      return received.length === 1 && received;
    });
    expect(brief(all!)).toBe('receive 0 parentchildend');
    expect(live.messages(client.pid, 'send').map(brief)).toEqual(['send 0 parent', 'send 11 end']);
    const child = live.events.find(
      (event): event is Message => event.type === 'message' && text(event.head) === 'child',
    );
    expect(child).toMatchObject({ offset: 6, socket: { path } });
  });

  it('doubts the count of a reader that took bytes out in a way that is not seen', async () => {
    select(client, server);
    await connect();
    await conversation(1);
    await client.run("c.sendall(b'spliced')");
    await server.run(
      'import ctypes; r, w = os.pipe(); libc = ctypes.CDLL(None); libc.splice(s.fileno(), None, w, None, 7, 0)',
    );
    await client.run("c.sendall(b'seen')");
    await server.run('s.recv(100)');
    await client.run("c.sendall(b'later')");
    await server.run('s.recv(100)');
    await live.messageAfter(server.pid, 'receive', 'later');
    expect(live.messages(client.pid, 'send').map(brief)).toEqual([
      'send 0 ask 0',
      'send 5 spliced',
      'send 12 seen',
      'send 16 later',
    ]);
    expect(live.messages(server.pid, 'receive').map(brief).slice(1)).toEqual([
      'receive 5 seen?',
      'receive 16 later',
    ]);
  });

  it('takes the bytes of no peek, datagram or sequenced packet', async () => {
    select(client, server);
    await connect();
    await client.run(
      "d = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); d[0].send(b'datagram'); d[1].recv(100)\n" +
        "p = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET); p[0].send(b'packet'); p[1].recv(100)\n" +
        "c.sendall(b'stream')",
    );
    await server.run('s.recv(100, socket.MSG_PEEK); s.recv(100)');
    await live.messageAfter(server.pid, 'receive', 'stream');
    expect(live.messages(client.pid).map(brief)).toEqual(['send 0 stream']);
    expect(live.messages(server.pid).map(brief)).toEqual(['receive 0 stream']);
  });

  it('tells of the close at both ends once one of them has come to the end of the stream', async () => {
    select(client, server);
    await connect();
    await conversation(1);
    await server.run('s.close()');
    await client.run('c.recv(100)');
    const states = (pid: number) => live.connections(pid).map(({ state }) => state);
    await live.until(() => states(client.pid).length === 2 && states(server.pid).length === 2);
    expect(states(client.pid)).toEqual(['established', 'closed']);
    expect(brief(live.messages(client.pid).at(-1)!)).toBe('receive 8 ');
    expect(states(server.pid)).toEqual(['established', 'closed']);
  });

  it('does not take a half-closed connection for closed', async () => {
    select(client, server);
    await connect();
    await client.run("c.sendall(b'request'); c.shutdown(socket.SHUT_WR)");
    await server.run("s.recv(7); s.recv(7); s.sendall(b'reply')");
    await client.run('c.recv(5)');
    await live.messageAfter(client.pid, 'receive', 'reply');
    expect(live.connections(client.pid).map(({ state }) => state)).toEqual(['established']);
  });

  it.skipIf(whyNoIterators())(
    'goes through all that is followed from time to time, which what was closed unseen is not among',
    async () => {
      select(client, server);
      await connect();
      await conversation(1);
      await live.messageAfter(client.pid, 'receive', 'answer 0');
      const cookies = [client, server].map(({ pid }) => live.messages(pid)[0]!.socket.cookie);
      const sweeps = (count: number) =>
        live.events.some((event) => event.type === 'unix_swept' && event.count === count);
      for (const cookie of cookies)
        await live.until(() =>
          live.events.some((event) => event.type === 'unix_alive' && event.cookie === cookie),
        );
      await Promise.all([client.run('c.close()'), server.run('s.close()')]);
      live.events.length = 0;
      await live.until(() => sweeps(0));
    },
  );

  it('takes the time of a send from its begin where the send had to wait', async () => {
    select(client, server);
    await connect();
    await conversation(1);
    await client.run("t = threading.Thread(target=lambda: c.sendall(b'y' * 4_000_000)); t.start()");
    await server.run('time.sleep(0.2)\nn = 0\nwhile n < 4_000_000: n += len(s.recv(1 << 20))');
    await client.run('t.join()');
    const long = await live.until(() =>
      live.messages(client.pid, 'send').find(({ end, begin }) => end - begin > 100e6),
    );
    expect(long.begin).toBeLessThan(live.messages(server.pid, 'receive').at(-1)!.end);
    expect(live.messages(server.pid, 'receive').some(({ unaligned }) => unaligned)).toBe(false);
  });
});
