import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  type Capability,
  formatCapabilities,
  requireCapabilities,
} from '../../src/receiver/ebpf/capture/capabilities.ts';
import { whyNoCapture } from './support/live.ts';

const SCRIPT = fileURLToPath(new URL('./support/start-capture.mts', import.meta.url));

function start(...wrapper: string[]): string {
  const [command, ...args] = [...wrapper, process.execPath, '--import', 'tsx', SCRIPT];
  return execFileSync(command!, args, { encoding: 'utf8' });
}

const capability = (name: string, fields: Partial<Capability>): Capability => ({
  name,
  neededFor: 'something',
  available: true,
  required: true,
  howToGet: 'ask for it',
  ...fields,
});

describe('what a capture needs', () => {
  it('is named, with how to get it, where it is missing', () => {
    const table = [
      capability('one', { available: false }),
      capability('two', {}),
      capability('three', { available: false, required: false }),
    ];
    expect(() => requireCapabilities(table)).toThrow(
      expect.objectContaining({
        code: 'SPANLOOM_CAPTURE_UNAVAILABLE',
        message: 'Cannot capture. one is missing (for something): ask for it.',
      }),
    );
    requireCapabilities(table.slice(1));
    expect(formatCapabilities(table)).toEqual([
      'NO   one    something (ask for it)',
      'yes  two    something',
      'NO   three  something (ask for it)',
    ]);
  });

  it('does not list every tracepoint where there is no BTF to find them in', () => {
    const table = [
      capability('kernel BTF', { available: false }),
      capability('tracepoint sock_send_length', { available: false }),
    ];
    expect(() => requireCapabilities(table)).not.toThrow(/sock_send_length/);
  });
});

describe.skipIf(whyNoCapture())('a process without privileges', () => {
  it('is told which capability it lacks', () => {
    expect(JSON.parse(start('setpriv', '--bounding-set=-bpf,-sys_admin'))).toEqual({
      code: 'SPANLOOM_CAPTURE_UNAVAILABLE',
      message: expect.stringMatching(/^Cannot capture\. CAP_BPF is missing .*--cap-add BPF\)\.$/),
    });
  });

  it('needs no more than CAP_BPF and CAP_PERFMON', () => {
    expect(start('setpriv', '--bounding-set=-all,+bpf,+perfmon')).toBe('started\n');
  });
});

describe.skipIf(whyNoCapture())('a process in a pid namespace of its own', () => {
  it('is told that it would see the wrong pids', () => {
    expect(JSON.parse(start('unshare', '--pid', '--fork')).message).toMatch(
      /initial pid namespace is missing/,
    );
  });
});
