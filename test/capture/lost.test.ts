import { describe, expect, it } from 'vitest';
import { Live, whyNoCapture } from './support/live.ts';
import { Puppet } from './support/puppet.ts';

describe.skipIf(whyNoCapture())('a ring that is too small', () => {
  it('has its lost records counted and reported', async () => {
    const puppet = new Puppet();
    const live = await new Live({ ringBytes: 4096, drainIntervalMs: 200 }).start(puppet.pid);
    try {
      await puppet.run(
        "l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen(); c = socket.create_connection(l.getsockname()); s = l.accept()[0]",
      );
      await puppet.run("for i in range(100): c.sendall(b'z' * 400); s.recv(400)");
      const lost = await live.until(() => live.events.find((event) => event.type === 'lost'));
      expect(lost).toMatchObject({ type: 'lost' });
      await puppet.stop();
      await live.stop();
      const total = live.events.reduce((sum, event) => sum + (event.type === 'lost' ? event.count : 0), 0);
      const moved = live.messages(puppet.pid).length;
      expect(total).toBeGreaterThanOrEqual(200 - moved);
      const counter = [...live.counters.entries()].find(
        ({ name }) => name === 'spanloom_capture_lost_records',
      );
      expect(counter?.value).toBe(total);
    } finally {
      await live.stop();
    }
  });
});
