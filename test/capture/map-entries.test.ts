import { readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadNative } from '../../src/receiver/ebpf/capture/native.ts';
import { Live, whyNoCapture } from './support/live.ts';
import { Puppet } from './support/puppet.ts';

/** This process's descriptors of this kind. */
function descriptors(kind: string): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === kind;
      } catch {
        return false;
      }
    });
}

function selected(): number | undefined {
  const maps = descriptors('anon_inode:bpf-map').map((fd) => loadNative().mapEntries(fd));
  return maps.find(({ name }) => name === 'selected_proces')?.entries;
}

describe.skipIf(whyNoCapture())('the map of selected processes', () => {
  it('has an entry as long as the process lives, and no descriptor outlives the capture', async () => {
    const puppets = [new Puppet(), new Puppet()] as const;
    const live = await new Live().start(puppets[0].pid, puppets[1].pid);
    try {
      expect(selected()).toBe(2);
      await puppets[0].stop();
      await live.until(() => selected() === 1);
      live.capture.unselect(puppets[1].pid);
      expect(selected()).toBe(0);
    } finally {
      await puppets[1].stop();
      await live.stop();
    }
    for (const kind of ['anon_inode:bpf-map', 'anon_inode:bpf-prog', 'anon_inode:bpf_link'])
      expect(descriptors(kind)).toEqual([]);
  });
});
