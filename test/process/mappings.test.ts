import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readMappings } from '../../src/receiver/ebpf/process/proc/mappings.ts';
import { ProcTree } from './proc-tree.ts';

const tree = new ProcTree();
afterAll(() => tree[Symbol.dispose]());

describe('the files mapped into a process', () => {
  it('are those mapped from their first byte on, with where that is', () => {
    tree.put({ pid: 7 });
    writeFileSync(
      join(tree.root, '7/maps'),
      [
        '00400000-00420000 r--p 00000000 fe:00 1234                               /usr/bin/python3.11',
        '00420000-006a0000 r-xp 00020000 fe:00 1234                               /usr/bin/python3.11',
        '7f0000000000-7f0000021000 rw-p 00000000 00:00 0 ',
        '7f10aa000000-7f10aa100000 r--p 00000000 fe:00 99                         /opt/my libs/libpython3.9.so.1.0 (deleted)',
        '7ffd0000-7ffe0000 rw-p 00000000 00:00 0                                  [stack]',
        '',
      ].join('\n'),
    );
    expect(readMappings(tree.root, 7)).toEqual([
      { path: '/usr/bin/python3.11', start: 0x400000 },
      { path: '/opt/my libs/libpython3.9.so.1.0', start: 0x7f10aa000000 },
    ]);
  });

  it('are none where the process is gone', () => {
    expect(readMappings(tree.root, 8)).toEqual([]);
  });
});
