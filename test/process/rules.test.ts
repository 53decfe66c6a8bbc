import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Candidate, matches } from '../../src/receiver/ebpf/process/rules.ts';
import { Selection, selectionShape } from '../../src/receiver/ebpf/process/selection.ts';

const schema = z.strictObject(selectionShape);

const shop: Candidate = {
  pid: 42,
  executablePath: '/usr/bin/python3.11',
  commandArgs: ['python3', '-m', 'http.server', '8000'],
  listeningPorts: [8000, 9000],
  cgroups: ['/kubepods.slice/kubepods-burstable.slice/cri-containerd-8f.scope'],
  containerId: '8f7d3a5b2c91'.padEnd(64, '0'),
  container: {
    name: 'stock',
    image: 'registry.example:5000/shop/stock:1.4',
    podName: 'stock-6d4b75cb6d-w4b72',
    podNamespace: 'shop',
    labels: { app: 'stock', tier: 'back' },
  },
};
const outside: Candidate = { ...shop, cgroups: ['/'], containerId: undefined, container: undefined };

function instrument(...rules: unknown[]): boolean {
  return matches(schema.parse({ instrument: rules }).instrument!, shop);
}

function problems(config: unknown): string[] {
  const result = schema.safeParse(config);
  return result.success
    ? []
    : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

describe('a rule', () => {
  it('by ports holds if the process listens on any of them', () => {
    expect(instrument({ open_ports: '80,8000-8100' })).toBe(true);
    expect(instrument({ open_ports: 9000 })).toBe(true);
    expect(instrument({ open_ports: '8001-8999' })).toBe(false);
  });

  it('by executable looks at the whole path or the file name', () => {
    expect(instrument({ exe_path: '/usr/*/python3*' })).toBe(true);
    expect(instrument({ exe_path: 'python3.11' })).toBe(true);
    expect(instrument({ exe_path: 'python3' })).toBe(false);
  });

  it('by arguments looks at them with and without the program', () => {
    expect(instrument({ cmd_args: '-m http.server *' })).toBe(true);
    expect(instrument({ cmd_args: 'python3 -m *' })).toBe(true);
    expect(instrument({ cmd_args: 'http.server' })).toBe(false);
  });

  it('by pid takes a list or one number', () => {
    expect(instrument({ target_pids: [1, 42] })).toBe(true);
    expect(instrument({ target_pids: 42 })).toBe(true);
    expect(instrument({ target_pids: [43] })).toBe(false);
  });

  it('by control group looks at the whole path', () => {
    expect(instrument({ cgroup: '/kubepods.slice/*' })).toBe(true);
    expect(instrument({ cgroup: 'kubepods.slice' })).toBe(false);
  });

  it('by container id takes the whole id or its first twelve characters', () => {
    expect(instrument({ container_id: '8f7d3a5b2c91' })).toBe(true);
    expect(instrument({ container_id: '8f7d3a5b2c910000*' })).toBe(true);
    expect(instrument({ container_id: '8f7d3a' })).toBe(false);
  });

  it('by image looks at the whole reference or what follows its last slash', () => {
    expect(instrument({ container_image: 'registry.example:5000/shop/*' })).toBe(true);
    expect(instrument({ container_image: 'stock:*' })).toBe(true);
    expect(instrument({ container_image: 'stock' })).toBe(false);
  });

  it('by names and labels wants all of them', () => {
    expect(instrument({ container_name: 'st*', pod_name: 'stock-*', pod_namespace: 'shop' })).toBe(true);
    expect(instrument({ container_name: 'st*', pod_namespace: 'other' })).toBe(false);
    expect(instrument({ container_labels: { app: 'stock', tier: '*' } })).toBe(true);
    expect(instrument({ container_labels: { app: 'stock', tier: 'front' } })).toBe(false);
    expect(instrument({ container_labels: { none: '*' } })).toBe(false);
  });

  it.each([
    { container_id: '*' },
    { container_image: '*' },
    { container_name: '*' },
    { container_labels: { app: '*' } },
    { pod_name: '*' },
    { pod_namespace: '*' },
  ])('%j holds for nothing outside of containers', (rule) => {
    expect(instrument(rule)).toBe(true);
    expect(matches(schema.parse({ instrument: [rule] }).instrument!, outside)).toBe(false);
  });

  it('holds only if all that it names holds, and one rule of a list is enough', () => {
    expect(instrument({ open_ports: 8000, exe_path: '*python*', cmd_args: '*http*', target_pids: 42 })).toBe(
      true,
    );
    expect(instrument({ open_ports: 8001, exe_path: '*python*' })).toBe(false);
    expect(instrument({ open_ports: 8001 }, { exe_path: '*python*' })).toBe(true);
  });
});

describe('a broken rule', () => {
  it.each([
    [{ instrument: [{}] }, 'instrument.0: is an empty rule, which says nothing: give open_ports, exe_path'],
    [{ instrument: [{ open_port: 80 }] }, 'instrument.0: Unrecognized key: "open_port"'],
    [
      { exclude: [{ open_ports: '80,x' }] },
      'exclude.0.open_ports: entry 2 ("x") of "80,x" is neither a port',
    ],
    [{ instrument: [{ open_ports: [80] }] }, 'instrument.0.open_ports: must be ports like "80,8000-8100"'],
    [{ instrument: [{ exe_path: '' }] }, 'instrument.0.exe_path: must not be empty'],
    [{ instrument: [{ cmd_args: '[a' }] }, 'instrument.0.cmd_args: the bracket "[" is not closed'],
    [{ instrument: [{ target_pids: [0] }] }, 'instrument.0.target_pids'],
    [
      { instrument: [{ container_labels: {} }] },
      'instrument.0.container_labels: must name at least one label',
    ],
    [{ exclude: [{ container_labels: { app: '{a' } }] }, 'exclude.0.container_labels.app: the brace "{"'],
    [{ scope: 'node' }, 'scope: Invalid option'],
    [{ instrument: [] }, 'instrument: must name at least one rule'],
  ])('%j is refused with its place and what was expected', (config, problem) => {
    expect(problems(config).some((text) => text.startsWith(problem))).toBe(true);
  });
});

describe('without instrument', () => {
  const selection = new Selection(schema.parse({}));
  const listener = (executablePath: string, listeningPorts: number[]) => ({
    ...shop,
    executablePath,
    listeningPorts,
  });

  it('everything that listens is chosen', () => {
    expect(selection.includes(shop)).toBe(true);
    expect(selection.excludes(shop)).toBe(false);
    expect(selection.includes(listener('/usr/bin/curl', []))).toBe(false);
  });

  it.each(['/usr/lib/systemd/systemd-resolved', '/usr/sbin/sshd', '/usr/bin/containerd-shim-runc-v2'])(
    '%s is not',
    (path) => {
      expect(selection.excludes(listener(path, [22]))).toBe(true);
    },
  );

  it('but a rule that names infrastructure is obeyed', () => {
    const named = new Selection(schema.parse({ instrument: [{ exe_path: '*/sshd' }] }));
    expect(named.includes(listener('/usr/sbin/sshd', [22]))).toBe(true);
    expect(named.excludes(listener('/usr/sbin/sshd', [22]))).toBe(false);
  });
});
