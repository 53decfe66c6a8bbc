import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Live, whyNoCapture } from './support/live.ts';
import { Puppet } from './support/puppet.ts';

const LOSSY = 'ip link set lo up mtu 1500; tc qdisc add dev lo root tbf rate 50mbit burst 5kb limit 9000';

/** A token bucket filter is not in every kernel. */
function canLose(): boolean {
  try {
    execFileSync('unshare', ['--net', 'sh', '-ec', LOSSY], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(whyNoCapture() || !canLose())('a lossy network in a namespace of its own', () => {
  it('has its retransmissions counted and its namespace named', async () => {
    const puppet = new Puppet({ setUp: LOSSY });
    const live = await new Live().start(puppet.pid);
    try {
      await puppet.run(
        "l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(); c = socket.create_connection(l.getsockname()); s = l.accept()[0]",
      );
      await puppet.run("t = threading.Thread(target=lambda: c.sendall(b'x' * 100_000))\nt.start()");
      await puppet.run('n = 0\nwhile n < 100_000: n += len(s.recv(65536))\nt.join()');
      await puppet.run("c.sendall(b'the last')");
      const last = await live.messageAfter(puppet.pid, 'send', 'the last');
      const retransmitted = live.events.filter(
        (event) => event.type === 'retransmit' && event.socket.cookie === last.socket.cookie,
      );
      expect(retransmitted.length).toBeGreaterThan(0);
      expect(last.retransmits).toBeGreaterThanOrEqual(retransmitted.length);
      expect(last.offset).toBe(100_000);
      expect(`net:[${last.socket.netns}]`).toBe(readlinkSync(`/proc/${puppet.pid}/ns/net`));
    } finally {
      await live.stop();
      await puppet.stop();
    }
  });
});
