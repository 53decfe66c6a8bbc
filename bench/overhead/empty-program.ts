import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { type BpfObject, type Link, loadNative } from '../../src/receiver/ebpf/capture/native.ts';
import { inRepository } from '../common/repository.ts';

/** Compiles, loads and attaches the program `empty`; it stays attached while the link is held. */
export function attachEmptyProgram(): { readonly object: BpfObject; readonly link: Link } {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86';
  const file = inRepository('.cache/bench/empty.bpf.o');
  mkdirSync(inRepository('.cache/bench'), { recursive: true });
  execFileSync(process.env.CLANG ?? 'clang-19', [
    ...['-target', 'bpf', '-mcpu=v3', '-O2', '-g', `-D__TARGET_ARCH_${architecture}`],
    ...['-I', inRepository('bpf/include')],
    ...['-isystem', inRepository('native/build/libbpf/include')],
    ...['-c', inRepository('bench/overhead/empty.bpf.c'), '-o', file],
  ]);
  const object = new (loadNative().BpfObject)(file);
  object.load();
  return { object, link: object.attach('empty') };
}
