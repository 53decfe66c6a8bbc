import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Message } from '../../src/receiver/ebpf/message.ts';
import { Live, whyNoCapture } from './support/live.ts';
import { Pair } from './support/puppet.ts';

const SOURCE = fileURLToPath(new URL('./support/other-ways.c', import.meta.url));
const IO_URING_DISABLED = '/proc/sys/kernel/io_uring_disabled';

const ioUring = existsSync(IO_URING_DISABLED) && readFileSync(IO_URING_DISABLED, 'latin1').trim() !== '2';

const shape = ({ offset, length, head }: Message) => [offset, length, Buffer.from(head).toString('latin1')];

describe.skipIf(whyNoCapture() || !ioUring)('bytes that no plain system call moves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'guards-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are lengths without content, and no bytes of something else', async () => {
    const program = join(folder, 'other-ways');
    execFileSync('gcc', ['-O1', '-o', program, SOURCE]);
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
    const live = await new Live().start(child.pid!);
    try {
      child.stdin.write('g');
      await once(child.stdout, 'data');
      await live.messageAfter(child.pid!, 'receive', 'the end');
      expect(live.messages(child.pid!, 'send').map(shape)).toEqual([
        [0, 5, ''],
        [5, 6, ''],
        [11, 11, ''],
        [22, 8, 'by write'],
        [43, 7, 'the end'],
      ]);
      expect(live.messages(child.pid!, 'receive').map(shape)).toEqual([
        [0, 11, 'firstsecond'],
        [11, 11, 'by io_uring'],
        [22, 8, 'by write'],
        [30, 13, ''],
        [43, 7, 'the end'],
      ]);
    } finally {
      child.stdin.end();
      await live.stop();
    }
  });
});

describe.skipIf(whyNoCapture())('bytes spliced', () => {
  it('into a socket are a gap, and out of one a jump', async () => {
    const pair = new Pair();
    await pair.listen();
    const live = await new Live().start(pair.client.pid, pair.server.pid);
    try {
      await pair.connect();
      await pair.client.run("r, w = os.pipe(); os.write(w, b'p' * 300); os.splice(r, c.fileno(), 300)");
      await pair.client.run("c.sendall(b'after the splice')");
      await pair.server.run('r, w = os.pipe(); n = 0\nwhile n < 300: n += os.splice(s.fileno(), w, 300 - n)');
      await pair.server.run('s.recv(100)');
      const sent = await live.messageAfter(pair.client.pid, 'send', 'after');
      const received = await live.messageAfter(pair.server.pid, 'receive', 'after');
      expect([sent.offset, received.offset]).toEqual([300, 300]);
      expect(live.messages(pair.client.pid).map(shape)[0]).toEqual([0, 300, '']);
      expect(live.messages(pair.server.pid)).toHaveLength(1);
    } finally {
      await live.stop();
      await pair.stop();
    }
  });
});
