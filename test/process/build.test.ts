import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Builds } from '../../src/receiver/ebpf/process/build.ts';
import { Elf } from '../../src/receiver/ebpf/process/elf.ts';
import { elfFile } from './elf-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'spanloom-elf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function put(content: Uint8Array): string {
  const path = join(folder, `program${files++}`);
  writeFileSync(path, content);
  return path;
}

describe('an ELF file', () => {
  it.each([
    { bits: 64, littleEndian: true },
    { bits: 64, littleEndian: false },
    { bits: 32, littleEndian: true },
    { bits: 32, littleEndian: false },
  ] as const)('of %j gives its sections by name', (shape) => {
    const path = put(elfFile({ '.text': 'code', '.rodata': 'constants' }, shape));
    Elf.use(path, (elf) => {
      expect(elf.has('.text')).toBe(true);
      expect(elf.has('.data')).toBe(false);
      expect(elf.section('.rodata', 100)?.toString()).toBe('constants');
      expect(elf.section('.rodata', 5)?.toString()).toBe('const');
    });
    expect.assertions(4);
  });

  it('that is damaged anywhere never throws', () => {
    const whole = elfFile({ '.dynstr': '\0napi_create_function\0', '.rodata': 'x' });
    fc.assert(
      fc.property(
        fc.nat(whole.length),
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255))),
        (cut, damage) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of damage) bytes[at] = value;
          const path = join(folder, 'damaged');
          writeFileSync(path, bytes.subarray(0, cut));
          new Builds().runtimeOf(path);
        },
      ),
    );
  });
});

describe('the runtime built into a program', () => {
  it.each([
    ['go', { '.go.buildinfo': '\xff Go buildinf:' }],
    ['go', { '.gopclntab': 'x', '.rodata': 'x' }],
    ['node', { '.dynstr': '\0malloc\0napi_create_function\0' }],
    ['python', { '.dynstr': '\0Py_Initialize\0' }],
    ['java', { '.dynstr': '\0libjli.so\0JLI_Launch\0' }],
    ['dotnet', { '.dynstr': '\0DotNetRuntimeInfo\0' }],
    ['ruby', { '.dynstr': '\0ruby_init\0' }],
    ['tokio', { '.rodata': 'tokio-console /r/src/index.crates.io-6f17/tokio-1.38.0/src/runtime/park.rs' }],
    [undefined, { '.rodata': 'needs tokio-1.38.0 at least', '.dynstr': '\0my_Py_Initialize\0' }],
  ])('is %s for %j', (runtime, sections) => {
    expect(new Builds().runtimeOf(put(elfFile(sections)))).toBe(runtime);
  });

  it('is not known of what is no program', () => {
    expect(new Builds().runtimeOf(put(Buffer.from('#!/bin/sh\n')))).toBeUndefined();
    expect(new Builds().runtimeOf(folder)).toBeUndefined();
    expect(new Builds().runtimeOf(join(folder, 'none'))).toBeUndefined();
  });

  it('of this very process is Node.js, whatever its file is called', () => {
    expect(new Builds().runtimeOf('/proc/self/exe')).toBe('node');
  });
});
