import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ManualClock, SECOND } from '../../src/collector/clock.ts';
import { parsePasswd } from '../../src/receiver/ebpf/process/host.ts';
import { parseCommandLine } from '../../src/receiver/ebpf/process/proc/command-line.ts';
import {
  containerIdOfCgroup,
  containerIdOfMounts,
  readContainerId,
} from '../../src/receiver/ebpf/process/proc/container.ts';
import { readEnvironment } from '../../src/receiver/ebpf/process/proc/environment.ts';
import { readExecutablePath } from '../../src/receiver/ebpf/process/proc/executable.ts';
import { readListeningSockets } from '../../src/receiver/ebpf/process/proc/listening-sockets.ts';
import { readNamespace } from '../../src/receiver/ebpf/process/proc/namespace.ts';
import { readListeningPorts } from '../../src/receiver/ebpf/process/proc/ports.ts';
import { SocketTables } from '../../src/receiver/ebpf/process/proc/socket-tables.ts';
import { parseStat } from '../../src/receiver/ebpf/process/proc/stat.ts';
import { parseStatus } from '../../src/receiver/ebpf/process/proc/status.ts';
import { readFacts } from '../../src/receiver/ebpf/process/read-facts.ts';
import { parseResourceAttributes } from '../../src/receiver/ebpf/process/resource-attributes.ts';
import { sameProcess, truncateToTick } from '../../src/receiver/ebpf/process/start-time.ts';
import { ProcTree, statLine } from './proc-tree.ts';

const tree = new ProcTree();
afterAll(() => tree[Symbol.dispose]());

const ID = 'ab12'.repeat(16);

describe('stat', () => {
  it('is read past a name with blanks and parentheses', () => {
    expect(parseStat(statLine({ pid: 7, comm: 'a) S 9 (b', parentPid: 3, startTicks: 123 }))).toEqual({
      comm: 'a) S 9 (b',
      parentPid: 3,
      startTime: 1_230_000_000,
    });
  });

  it.each([
    ['a zombie', { state: 'Z' }],
    ['one that is ending', { flags: 0x400004 }],
    ['a kernel thread', { flags: 0x208040 }],
  ])('of %s is of no running program', (_, made) => {
    expect(parseStat(statLine({ pid: 7, ...made }))).toBeUndefined();
  });
});

describe('start times', () => {
  it('of the kernel and of /proc name the same process', () => {
    const facts = { pid: 7, startTime: 1_230_000_000 };
    expect(sameProcess(facts, 7, 1_230_000_000)).toBe(true);
    expect(sameProcess(facts, 7, 1_239_999_999)).toBe(true);
    expect(sameProcess(facts, 7, 1_240_000_000)).toBe(false);
    expect(sameProcess(facts, 8, 1_230_000_000)).toBe(false);
  });

  it('are cut to whole ticks', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 53 - 1), (nanos) => {
        const cut = truncateToTick(nanos);
        expect(cut % 10_000_000).toBe(0);
        expect(cut <= nanos && nanos - cut < 10_000_000).toBe(true);
        expect(truncateToTick(cut)).toBe(cut);
      }),
    );
  });
});

describe('status', () => {
  it('gives the effective user and the pid in each namespace', () => {
    const text = 'Name:\tx\nUid:\t0\t33\t33\t33\nNStgid:\t5\nNSpid:\t4711\t12\t1\n';
    expect(parseStatus(text)).toEqual({ namespacePids: [4711, 12, 1], uid: 33 });
  });
});

describe('the command line', () => {
  it('keeps empty arguments and drops what a rewritten title left behind', () => {
    expect(parseCommandLine('a\0\0b\0')).toEqual(['a', '', 'b']);
    expect(parseCommandLine('gunicorn: master [app]\0\0\0\0\0')).toEqual(['gunicorn: master [app]']);
    expect(parseCommandLine('')).toEqual([]);
  });
});

describe('the environment', () => {
  it('gives up two variables and no other', () => {
    tree.put({
      pid: 10,
      environment: {
        X_OTEL_SERVICE_NAME: 'no',
        SECRET: 's3cret',
        OTEL_SERVICE_NAME: 'shop',
        OTEL_RESOURCE_ATTRIBUTES: '',
      },
    });
    expect(readEnvironment(tree.root, 10)).toEqual({ serviceName: 'shop', resourceAttributes: undefined });
  });
});

describe('the container id', () => {
  it.each([
    ['docker, version 1', `12:pids:/docker/${ID}\n0::/\n`],
    ['docker with systemd, version 2', `0::/system.slice/docker-${ID}.scope\n`],
    ['docker in docker', `0::/docker/${'0'.repeat(64)}/docker/${ID}\n`],
    ['containerd in Kubernetes, version 1', `3:cpu:/kubepods/besteffort/pod1d8a-4e/${ID}\n`],
    ['containerd with systemd', `0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope\n`],
    ['containerd, systemd path in cgroupfs', `1:name=systemd:/kubepods-pod1.slice:cri-containerd:${ID}\n`],
    ['cri-o', `0::/kubepods.slice/kubepods-pod1.slice/crio-${ID}.scope/container\n`],
    ['podman', `0::/machine.slice/libpod-${ID}.scope/container\n`],
    [
      'podman without root',
      `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope\n`,
    ],
    ['seen from beside, in a cgroup namespace', `0::/../docker-${ID}.scope\n`],
  ])('of %s is found in the cgroup', (_, text) => {
    expect(containerIdOfCgroup(text)).toBe(ID);
  });

  it('of Fargate is the task and a number', () => {
    expect(containerIdOfCgroup(`9:perf:/ecs/a/${'1a'.repeat(16)}-1234567890\n`)).toBe(
      `${'1a'.repeat(16)}-1234567890`,
    );
  });

  it.each([
    '0::/\n',
    '0::/system.slice/nginx.service\n',
    `4:memory:/api/${'1a'.repeat(16)}\n`,
    `0::/machine.slice/libpod-conmon-${ID}.scope\n`,
    `0::/kubepods.slice/crio-conmon-${ID}.scope\n`,
  ])('is not made up for %j', (text) => {
    expect(containerIdOfCgroup(text)).toBeUndefined();
  });

  it('is found in the mounts where the cgroup hides it', () => {
    const mountinfo = [
      '474 473 0:146 / /proc rw - proc proc rw',
      `480 473 254:1 /docker/containers/${ID}/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw`,
    ].join('\n');
    tree.put({ pid: 11, cgroup: '0::/\n', mountinfo });
    expect(readContainerId(tree.root, 11)).toBe(ID);
    const podman = `495 499 0:54 /containers/overlay-containers/${ID}/userdata/.containerenv /run/.containerenv rw - tmpfs tmpfs rw`;
    expect(containerIdOfMounts(podman)).toBe(ID);
  });

  it('is not looked for in the mounts where the cgroup has a path', () => {
    const mountinfo = `1 2 8:1 /docker/containers/${ID}/hostname /etc/hostname rw - ext4 / rw`;
    tree.put({ pid: 11, cgroup: '0::/system.slice/nginx.service\n', mountinfo });
    expect(readContainerId(tree.root, 11)).toBeUndefined();
  });

  it('is neither that of a pod sandbox nor that of a container whose files are mounted', () => {
    expect(
      containerIdOfMounts(
        `1 2 8:1 /io.containerd.grpc.v1.cri/sandboxes/${ID}/hostname /etc/hostname rw - ext4 / rw`,
      ),
    ).toBeUndefined();
    expect(
      containerIdOfMounts(`1 2 0:9 / /var/lib/docker/containers/${ID}/mounts/shm rw - tmpfs shm rw`),
    ).toBeUndefined();
  });
});

describe('listening ports', () => {
  it('are the sockets that the process holds and that listen, of both families', () => {
    tree.put({
      pid: 12,
      sockets: [1001, 1002, 1003, 777777],
      listening: [
        [1001, 8080],
        [9999, 22],
      ],
      listening6: [[1002, 443]],
    });
    const sockets = () => readListeningSockets(tree.root, 12);
    expect(readListeningPorts(tree.root, 12, sockets)).toEqual([443, 8080]);
  });

  it('ask for the table of sockets only where there is a socket', () => {
    tree.put({ pid: 13, sockets: [] });
    expect(
      readListeningPorts(tree.root, 13, () => {
        throw new Error('asked');
      }),
    ).toEqual([]);
  });

  it('are found however long the table is', () => {
    const listening = Array.from({ length: 500 }, (_, i) => [5000 + i, 10_000 + i] as const);
    tree.put({ pid: 14, sockets: [5499], listening });
    expect(readListeningSockets(tree.root, 14).size).toBe(500);
    expect(readListeningPorts(tree.root, 14, () => readListeningSockets(tree.root, 14))).toEqual([10_499]);
  });

  it('are remembered for the network namespace until somebody there begins to listen', () => {
    const clock = new ManualClock(0n);
    tree.put({ pid: 15, netns: 5, listening: [[1, 80]] });
    const tables = new SocketTables(tree.root, clock);
    const first = tables.of(15);
    tree.put({
      pid: 15,
      netns: 5,
      listening: [
        [1, 80],
        [2, 81],
      ],
    });
    expect(tables.of(15)).toBe(first);
    clock.advanceTo(5 * SECOND);
    expect(tables.of(15)).toBe(first);
    tables.invalidate(15);
    const second = tables.of(15);
    expect([...second.sockets.values()]).toEqual([80, 81]);
    expect(second.revision).not.toBe(first.revision);
    tables.invalidate(15);
    clock.advanceTo(5.9 * SECOND);
    expect(tables.of(15)).toBe(second);
    clock.advanceTo(6 * SECOND);
    expect(tables.of(15)).not.toBe(second);
    expect(tables.of(15).revision).toBe(second.revision);
  });
});

describe('OTEL_RESOURCE_ATTRIBUTES', () => {
  it('is percent-decoded', () => {
    expect(parseResourceAttributes('service.namespace=my%20shop, a%2Cb = x%3Dy ,empty=,')).toEqual(
      new Map([
        ['service.namespace', 'my shop'],
        ['a,b', 'x=y'],
        ['empty', ''],
      ]),
    );
  });

  it.each(['novalue', '=x', 'a=%zz', 'a=1,b'])('is discarded as a whole for %j', (text) => {
    expect(parseResourceAttributes(text)).toBeUndefined();
  });

  it('gives back what was encoded', () => {
    const attributes = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.string()), {
      selector: ([key]) => key,
    });
    fc.assert(
      fc.property(attributes, (pairs) => {
        const text = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join(',');
        expect(parseResourceAttributes(text)).toEqual(new Map(pairs));
      }),
    );
  });
});

it('users are read from passwd, the first entry of an id counting', () => {
  expect(parsePasswd('root:x:0:0::/:/bin/sh\n\nbad\ntoor:x:0:0::/:\nx:y:z:\nwww-data:x:33:33:::\n')).toEqual(
    new Map([
      [0, 'root'],
      [33, 'www-data'],
    ]),
  );
});

it('the path of a replaced program is the one it was started from', () => {
  tree.put({ pid: 16, exe: '/usr/sbin/nginx (deleted)' });
  expect(readExecutablePath(tree.root, 16)).toBe('/usr/sbin/nginx');
});

it('a namespace is its inode, and 0 where it can not be read', () => {
  tree.put({ pid: 17, netns: 4026531999 });
  expect(readNamespace(tree.root, 17, 'net')).toBe(4026531999);
  expect(readNamespace(tree.root, 4_000_000, 'net')).toBe(0);
});

describe('garbage', () => {
  const files = [
    'stat',
    'status',
    'cmdline',
    'environ',
    'cgroup',
    'mountinfo',
    'maps',
    'net/tcp',
    'net/tcp6',
  ];
  const garbage = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc
      .string({ unit: fc.constantFrom('0', '9', ' ', '\n', '\0', ':', '/', '(', ')', '\t', 'A', '-') })
      .map(Buffer.from),
  );

  it('in any file of /proc never throws, and spoils only what needs the file', () => {
    fc.assert(
      fc.property(fc.constantFrom(...files), garbage, (file, content) => {
        tree.put({ pid: 20, sockets: [1001], listening: [[1001, 8080]] });
        tree.write(20, file, content);
        const facts = readFacts(20, tree.options());
        if (file !== 'stat') expect(facts?.executablePath).toBe('/usr/bin/server');
        if (facts) expect(facts.resource.every(([, value]) => value !== undefined)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('in the place of links and folders never throws', () => {
    for (const name of [
      'exe',
      'ns',
      'ns/net',
      'fd',
      'net',
      'net/tcp',
      'environ',
      'cmdline',
      'maps',
      'status',
    ]) {
      tree.put({ pid: 21 });
      tree.write(21, name, 'garbage');
      expect(readFacts(21, tree.options())?.pid).toBe(21);
      tree.removeFile(21, name);
      expect(readFacts(21, tree.options())?.pid).toBe(21);
      mkdirSync(`${tree.root}/21/${name.split('/')[0]}`, { recursive: true });
      expect(readFacts(21, tree.options())?.pid).toBe(21);
    }
    tree.put({ pid: 22 });
    rmSync(`${tree.root}/22/fd/0`);
    symlinkSync('socket:[99999999999999999999]', `${tree.root}/22/fd/0`);
    expect(readFacts(22, tree.options())?.listeningPorts).toEqual([]);
  });
});
