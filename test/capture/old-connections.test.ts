import { describe, expect, it } from 'vitest';
import { Live, whyNoCapture } from './support/live.ts';
import { Pair } from './support/puppet.ts';

describe.skipIf(whyNoCapture())('connections older than the capture', () => {
  it.each([
    ['IPv4', '127.0.0.1', '127.0.0.1', '127.0.0.1'],
    ['IPv6', '::1', '::1', '::1'],
    ['mapped', '::', '127.0.0.1', '127.0.0.1'],
    ['mapped on the client', '127.0.0.1', '::ffff:127.0.0.1', '127.0.0.1'],
  ])('are named like new ones: %s', async (_, listen, connect, shown) => {
    const pair = new Pair();
    await pair.listen(listen);
    await pair.connect(connect);
    await pair.client.run("c.sendall(b'x' * 1000)");
    await pair.server.run("n = 0\nwhile n < 1000: n += len(s.recv(1000))\ns.sendall(b'y' * 77)");
    await pair.client.run('c.recv(77)');
    const live = await new Live().start(pair.client.pid, pair.server.pid);
    try {
      await pair.client.run("c.sendall(b'old request')");
      await pair.server.run("s.recv(100); s.sendall(b'old answer')");
      await pair.client.run('c.recv(100)');
      const request = await live.messageAfter(pair.client.pid, 'send', 'old request');
      const requested = await live.messageAfter(pair.server.pid, 'receive', 'old request');
      const answer = await live.messageAfter(pair.server.pid, 'send', 'old answer');
      const answered = await live.messageAfter(pair.client.pid, 'receive', 'old answer');
      expect([request, requested, answer, answered].map(({ offset }) => offset)).toEqual([
        1000, 1000, 77, 77,
      ]);
      expect([request.localIsn, request.remoteIsn]).toEqual([requested.remoteIsn, requested.localIsn]);
      expect([request.socket.accepted, requested.socket.accepted]).toEqual([false, true]);
      expect(requested.socket.remoteAddress).toBe(shown);
      expect(requested.socket.remotePort).toBe(request.socket.localPort);
      // A new connection over the same path goes by the sequence numbers of its handshake.
      await pair.connect(connect);
      await pair.client.run("c.sendall(b'new request')");
      await pair.server.run('s.recv(100)');
      const sent = await live.messageAfter(pair.client.pid, 'send', 'new request');
      const received = await live.messageAfter(pair.server.pid, 'receive', 'new request');
      expect([sent.offset, received.offset]).toEqual([0, 0]);
      expect([sent.localIsn, sent.remoteIsn]).toEqual([received.remoteIsn, received.localIsn]);
    } finally {
      await live.stop();
      await pair.stop();
    }
  });

  it('are named right after this end, or the other, has finished sending', async () => {
    const pair = new Pair();
    await pair.listen();
    await pair.connect();
    await pair.client.run("c.sendall(b'request'); c.shutdown(socket.SHUT_WR)");
    await pair.server.run('s.recv(7); s.recv(1)');
    const live = await new Live().start(pair.client.pid, pair.server.pid);
    try {
      await pair.server.run("s.sendall(b'reply')");
      await pair.client.run('c.recv(100)');
      const sent = await live.messageAfter(pair.server.pid, 'send', 'reply');
      const received = await live.messageAfter(pair.client.pid, 'receive', 'reply');
      expect([sent.offset, received.offset]).toEqual([0, 0]);
      expect([sent.localIsn, sent.remoteIsn]).toEqual([received.remoteIsn, received.localIsn]);
    } finally {
      await live.stop();
      await pair.stop();
    }
  });
});
