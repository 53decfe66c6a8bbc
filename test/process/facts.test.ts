import { afterAll, describe, expect, it } from 'vitest';
import type { ProcessFacts } from '../../src/receiver/ebpf/process/facts.ts';
import { readFacts } from '../../src/receiver/ebpf/process/read-facts.ts';
import { type MadeProcess, ProcTree } from './proc-tree.ts';

const tree = new ProcTree();
afterAll(() => tree[Symbol.dispose]());

function factsOf(made: MadeProcess): ProcessFacts {
  tree.put(made);
  return readFacts(made.pid, tree.options())!;
}

function resourceOf(made: MadeProcess): Record<string, unknown> {
  return Object.fromEntries(factsOf(made).resource);
}

const INSTANCE = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the facts of a process', () => {
  it('are what /proc says', () => {
    const facts = factsOf({
      pid: 4711,
      parentPid: 4700,
      startTicks: 123_456,
      namespacePids: [4711, 12],
      uid: 33,
      exe: '/usr/sbin/nginx',
      args: ['nginx', '-g', 'daemon off;'],
      netns: 4026532000,
      sockets: [500],
      listening: [[500, 80]],
      cgroup: `0::/docker/${'c0'.repeat(32)}\n`,
    });
    const { resource, ...rest } = facts;
    expect(rest).toEqual({
      pid: 4711,
      startTime: 1_234_560_000_000,
      parentPid: 4700,
      namespacePids: [4711, 12],
      executablePath: '/usr/sbin/nginx',
      commandArgs: ['nginx', '-g', 'daemon off;'],
      owner: '33',
      runtime: 'native',
      netns: 4026532000,
      listeningPorts: [80],
      containerId: 'c0'.repeat(32),
    });
    expect(resource).toEqual([
      ['service.name', 'nginx'],
      ['service.instance.id', expect.stringMatching(INSTANCE)],
      ['process.pid', 4711],
      ['process.vpid', 12],
      ['process.parent_pid', 4700],
      ['process.executable.name', 'nginx'],
      ['process.executable.path', '/usr/sbin/nginx'],
      ['process.command', 'nginx'],
      ['process.owner', '33'],
      ['container.id', 'c0'.repeat(32)],
      ['host.name', 'made-host'],
      ['host.id', '3d1219c7c4c5404aaa1f6d2a48adfda4'],
      ['host.arch', 'amd64'],
      ['os.type', 'linux'],
      ['telemetry.distro.name', 'spanloom'],
      ['telemetry.distro.version', '1.2.3'],
    ]);
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
  });

  it('name the owner outside of containers', () => {
    expect(factsOf({ pid: 5, uid: 33 }).owner).toBe('www-data');
    expect(factsOf({ pid: 5, uid: 1234 }).owner).toBe('1234');
  });

  it('do not tell arguments, which may hold secrets', () => {
    const resource = resourceOf({ pid: 5, args: ['/usr/bin/server', '--password=hunter2'] });
    expect(resource['process.command']).toBe('/usr/bin/server');
    expect(JSON.stringify(resource)).not.toContain('hunter2');
    const titled = resourceOf({ pid: 5, args: ['server --password=hunter2'] });
    expect(JSON.stringify(titled)).not.toContain('hunter2');
  });

  it('include ports that were announced before /proc shows them', () => {
    tree.put({ pid: 5, sockets: [1], listening: [[1, 81]] });
    expect(readFacts(5, tree.options(), { ports: [8080, 81] })?.listeningPorts).toEqual([81, 8080]);
  });

  it('tell runtimes by what is mapped and by the name', () => {
    expect(factsOf({ pid: 5, maps: ['/usr/lib/jvm/lib/server/libjvm.so'] }).runtime).toBe('java');
    expect(factsOf({ pid: 5, maps: ['/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0'] }).runtime).toBe(
      'python',
    );
    expect(factsOf({ pid: 5, maps: ['/opt/libcoreclr.so (deleted)'] }).runtime).toBe('dotnet');
    expect(factsOf({ pid: 5, maps: ['/usr/lib/libruby-3.1.so.3.1'] }).runtime).toBe('ruby');
    expect(factsOf({ pid: 5, maps: ['/usr/lib/libnode.so.108'] }).runtime).toBe('node');
    expect(factsOf({ pid: 5, exe: '/opt/none/node' }).runtime).toBe('node');
    expect(factsOf({ pid: 5, exe: '/opt/none/nodejs-exporter' }).runtime).toBe('native');
  });

  it('name the language and runtime that the conventions know', () => {
    expect(resourceOf({ pid: 5, exe: '/opt/none/python3.11', args: ['python3', 'app.py'] })).toMatchObject({
      'service.name': 'app',
      'telemetry.sdk.language': 'python',
      'process.runtime.name': 'cpython',
    });
    expect(resourceOf({ pid: 5 })).not.toHaveProperty('telemetry.sdk.language');
  });
});

describe('service.name', () => {
  const environment = (OTEL_SERVICE_NAME: string | undefined, OTEL_RESOURCE_ATTRIBUTES: string) => ({
    ...(OTEL_SERVICE_NAME === undefined ? {} : { OTEL_SERVICE_NAME }),
    OTEL_RESOURCE_ATTRIBUTES,
  });

  it('is OTEL_SERVICE_NAME, then the resource attributes, then the program', () => {
    const attributes = 'service.name=from%20attributes,deployment.environment.name=test';
    expect(resourceOf({ pid: 6, environment: environment('from-name', attributes) })['service.name']).toBe(
      'from-name',
    );
    expect(resourceOf({ pid: 6, environment: environment(undefined, attributes) })).toMatchObject({
      'service.name': 'from attributes',
      'deployment.environment.name': 'test',
    });
    expect(resourceOf({ pid: 6, exe: '/usr/sbin/haproxy' })['service.name']).toBe('haproxy');
    expect(resourceOf({ pid: 6, exe: null, comm: 'hidden' })['service.name']).toBe('hidden');
  });

  it('comes from the program where the attributes are malformed, which is counted', () => {
    tree.put({ pid: 6, environment: environment(undefined, 'service.name=%zz') });
    const options = tree.options();
    expect(Object.fromEntries(readFacts(6, options)!.resource)['service.name']).toBe('server');
    expect(options.malformedAttributes.value).toBe(1);
  });

  it('is no place to speak for the observer', () => {
    const attributes = 'telemetry.distro.name=other,service.instance.id=mine,process.owner=me';
    expect(resourceOf({ pid: 6, environment: environment(undefined, attributes) })).toMatchObject({
      'telemetry.distro.name': 'spanloom',
      'service.instance.id': 'mine',
      'process.owner': 'me',
    });
  });
});

describe('service.instance.id', () => {
  const id = (made: Partial<MadeProcess> = {}) => resourceOf({ pid: 7, ...made })['service.instance.id'];

  it('stays the same as long as the process lives', () => {
    expect(id({ args: ['other'], parentPid: 9 })).toBe(id());
  });

  it('is the same seen from an outer pid namespace', () => {
    tree.put({ pid: 8, namespacePids: [8, 7] });
    const outer = Object.fromEntries(readFacts(8, tree.options())!.resource)['service.instance.id'];
    expect(outer).toBe(id());
  });

  it('differs for another process of the same number, and after a boot', () => {
    expect(id({ startTicks: 5001 })).not.toBe(id());
    tree.put({ pid: 7 });
    const rebooted = readFacts(7, tree.options({ bootId: 'other' }))!;
    expect(Object.fromEntries(rebooted.resource)['service.instance.id']).not.toBe(id());
  });
});

describe('no facts', () => {
  it('are read of what is no running program', () => {
    tree.put({ pid: 9, state: 'Z' });
    tree.put({ pid: 10, flags: 0x200040, exe: null, args: [] });
    expect(readFacts(9, tree.options())).toBeUndefined();
    expect(readFacts(10, tree.options())).toBeUndefined();
    expect(readFacts(4_000_000, tree.options())).toBeUndefined();
  });

  it('are made of two processes that had the same number while reading', () => {
    tree.put({ pid: 11, sockets: [1] });
    const replaced = readFacts(11, tree.options(), {
      sockets: () => {
        tree.put({ pid: 11, startTicks: 5002 });
        return new Map([[1, 80]]);
      },
    });
    expect(replaced).toBeUndefined();
    tree.put({ pid: 12, sockets: [1] });
    const vanished = readFacts(12, tree.options(), {
      sockets: () => {
        tree.remove(12);
        return new Map([[1, 80]]);
      },
    });
    expect(vanished).toBeUndefined();
  });
});
