import { describe, expect, it } from 'vitest';
import { type Located, type Program, planProbes } from '../../src/receiver/ebpf/context/go/probes.ts';
import { checksStack } from '../../src/receiver/ebpf/context/go/prologue.ts';

const ALL: Readonly<Record<string, Located>> = {
  'net/http.(*persistConn).roundTrip': { offset: 0x9000, length: 0x800 },
  'net/http.persistConnWriter.Write': { offset: 0x8000, length: 0x60 },
  'net/http.(*persistConn).writeLoop': { offset: 0x8800, length: 0x300 },
  'runtime.newproc1': { offset: 0x3000, length: 0x400 },
  'runtime.isSystemGoroutine': { offset: 0x5000, length: 0x100 },
  'runtime.goexit0': { offset: 0x2000, length: 0x40 },
  'runtime.gdestroy': { offset: 0x2100, length: 0x200 },
};

const without = (...names: string[]): Program => ({
  functions: new Map(Object.entries(ALL).filter(([name]) => !names.includes(name))),
  tableOf116: false,
});

const programs = (program: Program | undefined) => planProbes(program).probes.map(({ program }) => program);

describe('the probes of a Go program', () => {
  it('tell whom net/http writes for, and which goroutine starts and ends which', () => {
    const { probes, shortcomings } = planProbes(without());
    expect(shortcomings).toEqual([]);
    expect(probes).toEqual([
      { program: 'go_http_round_trip', offset: 0x9000 },
      { program: 'go_http_write', offset: 0x8000 },
      // gdestroy begins 0x2f00 before isSystemGoroutine and is 0x200 long.
      { program: 'go_is_system_goroutine', offset: 0x5000, cookie: (0x200n << 32n) | 0xffffd100n },
      { program: 'go_newproc1', offset: 0x3000 },
    ]);
  });

  it('take goexit0 for the end where Go is too old for gdestroy', () => {
    const { probes } = planProbes(without('runtime.gdestroy'));
    expect(probes[2]?.cookie).toBe((0x40n << 32n) | 0xffffd000n);
  });

  it('tell the kernel side where Go 1.17 passes the goroutine that starts another', () => {
    const { probes } = planProbes({ ...without(), tableOf116: true });
    expect(probes[3]).toEqual({ program: 'go_newproc1', offset: 0x3000, cookie: 1n });
  });

  it('leave out net/http where the program does not use its client', () => {
    const net = Object.keys(ALL).filter((name) => name.startsWith('net/'));
    const { probes, shortcomings } = planProbes(without(...net));
    expect(probes).toHaveLength(2);
    expect(shortcomings).toEqual([]);
  });

  it('do without the start of goroutines where something for that is missing, and say so', () => {
    for (const name of ['runtime.newproc1', 'runtime.isSystemGoroutine']) {
      expect(programs(without(name))).toEqual(['go_http_round_trip', 'go_http_write']);
      expect(planProbes(without(name)).shortcomings).toEqual([expect.stringContaining('it lacks one of')]);
    }
    expect(programs(without('runtime.gdestroy', 'runtime.goexit0'))).toHaveLength(2);
  });

  it('are none where net/http has goroutines of its own and not all that tells whom they write for', () => {
    const { probes, shortcomings } = planProbes(without('net/http.persistConnWriter.Write'));
    expect(probes).toEqual([]);
    expect(shortcomings).toHaveLength(1);
  });

  it('are none where the functions are not found', () => {
    expect(programs(undefined)).toEqual([]);
    expect(planProbes(undefined).shortcomings).toEqual([expect.stringContaining('.gopclntab')]);
  });
});

describe('a place for a probe', () => {
  it('begins like a Go function that checks its stack', () => {
    const code = (...bytes: number[]) => Uint8Array.from([...bytes, ...Array(12).fill(0)]);
    expect(checksStack(code(0x49, 0x3b, 0x66, 0x10), 'x64')).toBe(true);
    expect(checksStack(code(0x4c, 0x8d, 0xa4, 0x24), 'x64')).toBe(true);
    expect(checksStack(code(0x90, 0x0b, 0x40, 0xf9), 'arm64')).toBe(true);
    expect(checksStack(code(0x90, 0x0b, 0x40, 0xf9), 'x64')).toBe(false);
    expect(checksStack(code(0x55, 0x48, 0x89, 0xe5), 'x64')).toBe(false);
    expect(checksStack(new Uint8Array(0), 'x64')).toBe(false);
  });
});
