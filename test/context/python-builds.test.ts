import { describe, expect, it } from 'vitest';
import { versionIn } from '../../src/receiver/ebpf/context/python/builds.ts';

describe('the version of CPython in a path', () => {
  it.each([
    ['/usr/bin/python3.11', '3.11'],
    ['/opt/conda/bin/python3.9', '3.9'],
    ['/usr/lib/x86_64-linux-gnu/libpython3.13.so.1.0', '3.13'],
    ['/usr/lib/libpython3.14.so', '3.14'],
    ['/usr/bin/python3.13t', '3.13t'],
    ['/usr/bin/python3.11d', '3.11d'],
    ['/usr/bin/python3', undefined],
    ['/usr/bin/gunicorn', undefined],
  ])('of %s is %s', (path, version) => {
    expect(versionIn(path)).toBe(version);
  });
});
