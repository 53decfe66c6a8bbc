import { symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ManualClock, SECOND } from '../../src/collector/clock.ts';
import type { ProcessFacts } from '../../src/receiver/ebpf/process/facts.ts';
import { Selection, selectionShape } from '../../src/receiver/ebpf/process/selection.ts';
import { ProcessSelector } from '../../src/receiver/ebpf/process/selector.ts';
import { type MadeProcess, ProcTree } from './proc-tree.ts';

const schema = z.strictObject(selectionShape);

let tree: ProcTree;
let clock: ManualClock;
let calls: string[];
let warnings: string[];
let latest: Map<number, ProcessFacts>;
let selector: ProcessSelector;

function select(config: unknown): ProcessSelector {
  calls = [];
  warnings = [];
  latest = new Map();
  selector = new ProcessSelector({
    selection: new Selection(schema.parse(config)),
    read: tree.options(),
    clock,
    selected: (facts) => {
      calls.push(`+${facts.pid}`);
      latest.set(facts.pid, facts);
    },
    deselected: (pid) => calls.push(`-${pid}`),
    warn: (message) => warnings.push(message),
  });
  return selector;
}

/** What was called since the last look. */
function happened(): string[] {
  return calls.splice(0);
}

/** A process that listens; every process of these trees shares one network namespace. */
function listener(pid: number, port: number, made: Partial<MadeProcess> = {}): MadeProcess {
  return { pid, sockets: [pid * 10], listening: [[pid * 10, port]], ...made };
}

beforeEach(() => {
  tree = new ProcTree();
  clock = new ManualClock(0n);
});
afterEach(() => {
  selector.stop();
  tree[Symbol.dispose]();
});

describe('at start', () => {
  it('every process is looked at', () => {
    tree.put({ pid: 10, exe: '/usr/sbin/nginx' });
    tree.put({ pid: 11, exe: '/usr/bin/other' });
    tree.put({ pid: 12, exe: '/opt/shop/nginx' });
    select({ instrument: [{ exe_path: '*/nginx' }], exclude: [{ exe_path: '/opt/*' }] }).start();
    expect(happened()).toEqual(['+10']);
    expect(selector.facts(10)?.executablePath).toBe('/usr/sbin/nginx');
    expect(selector.facts(11)).toBeUndefined();
  });

  it('our own process is not chosen, by whatever number this /proc knows it', () => {
    symlinkSync('33', `${tree.root}/self`);
    tree.put({ pid: 33 });
    tree.put({ pid: 34 });
    select({ instrument: [{ exe_path: '*' }] }).start();
    selector.onExec(33);
    selector.onListen(33, 80);
    expect(happened()).toEqual(['+34']);
  });

  it('a worker that holds no listening socket is chosen with the parent that runs the same program', () => {
    tree.put({ pid: 20, parentPid: 30, exe: '/usr/bin/node' });
    tree.put({ pid: 21, parentPid: 30, exe: '/usr/bin/sh' });
    tree.put({ pid: 22, parentPid: 20, exe: '/usr/bin/node' });
    tree.put(listener(30, 8080, { exe: '/usr/bin/node' }));
    select({ instrument: [{ open_ports: 8080 }] }).start();
    expect(happened().sort()).toEqual(['+20', '+22', '+30']);
  });

  it('without rules whatever listens is chosen, except for infrastructure', () => {
    tree.put({ pid: 10, exe: '/usr/bin/curl' });
    const listening = [
      [110, 22],
      [120, 5432],
    ] as const;
    tree.put({ pid: 11, exe: '/usr/sbin/sshd', sockets: [110], listening });
    tree.put({ pid: 12, exe: '/usr/lib/postgresql/15/bin/postgres', sockets: [120], listening });
    select({}).start();
    expect(happened()).toEqual(['+12']);
  });
});

describe('an exec', () => {
  beforeEach(() => {
    tree.put({ pid: 10, exe: '/bin/sh' });
    select({ instrument: [{ exe_path: '*/nginx' }, { exe_path: '*/haproxy' }] }).start();
  });

  it('of a chosen program selects the process', () => {
    selector.onExec(10);
    expect(happened()).toEqual([]);
    tree.put({ pid: 10, exe: '/usr/sbin/nginx' });
    selector.onExec(10);
    expect(happened()).toEqual(['+10']);
  });

  it('of another chosen program tells the new facts', () => {
    tree.put({ pid: 10, exe: '/usr/sbin/nginx' });
    selector.onExec(10);
    tree.put({ pid: 10, exe: '/usr/sbin/haproxy' });
    selector.onExec(10);
    expect(happened()).toEqual(['+10', '+10']);
    expect(latest.get(10)?.executablePath).toBe('/usr/sbin/haproxy');
  });

  it('of a program that is not chosen deselects it', () => {
    tree.put({ pid: 10, exe: '/usr/sbin/nginx' });
    selector.onExec(10);
    tree.put({ pid: 10, exe: '/bin/sh' });
    selector.onExec(10);
    expect(happened()).toEqual(['+10', '-10']);
  });

  it('of a process that is gone already is nothing', () => {
    selector.onExec(4_000_000);
    expect(happened()).toEqual([]);
  });

  it('in a number that was given out again, its end missed, deselects the old process first', () => {
    tree.put({ pid: 10, exe: '/usr/sbin/nginx' });
    selector.onExec(10);
    tree.put({ pid: 10, exe: '/usr/sbin/nginx', startTicks: 6000 });
    selector.onExec(10);
    expect(happened()).toEqual(['+10', '-10', '+10']);
  });

  it('is followed by a second look, when libraries are mapped and privileges given up', () => {
    tree.put({ pid: 10, exe: '/usr/sbin/nginx' });
    selector.onExec(10);
    tree.put({ pid: 10, exe: '/usr/sbin/nginx', uid: 33, maps: ['/usr/lib/libpython3.11.so.1.0'] });
    clock.advanceTo(SECOND / 2);
    expect(happened()).toEqual(['+10']);
    clock.advanceTo(1.5 * SECOND);
    expect(happened()).toEqual(['+10']);
    expect(latest.get(10)).toMatchObject({ owner: 'www-data', runtime: 'python' });
    clock.advanceTo(9 * SECOND);
    expect(happened()).toEqual([]);
  });
});

describe('a process that begins to listen', () => {
  it('is selected then, although /proc does not show the port yet', () => {
    tree.put({ pid: 10 });
    select({ instrument: [{ open_ports: 8080 }] }).start();
    selector.onListen(10, 9090);
    expect(happened()).toEqual([]);
    selector.onListen(10, 8080);
    expect(happened()).toEqual(['+10']);
    expect(latest.get(10)?.listeningPorts).toEqual([8080, 9090]);
    selector.onListen(10, 8080);
    expect(happened()).toEqual([]);
  });

  it('takes along the workers that it forked before', () => {
    tree.put({ pid: 10 });
    select({ instrument: [{ open_ports: 8080 }] }).start();
    tree.put({ pid: 11, parentPid: 10 });
    selector.onFork(10, 11);
    expect(happened()).toEqual([]);
    selector.onListen(10, 8080);
    expect(happened()).toEqual(['+10', '+11']);
  });

  it('makes the port known for whoever gets the socket next', () => {
    tree.put(listener(10, 9090));
    select({ instrument: [{ open_ports: 8080 }] }).start();
    const listening = [
      [100, 9090],
      [101, 8080],
    ] as const;
    tree.put({ pid: 10, sockets: [100], listening });
    tree.put({ pid: 11, exe: '/usr/bin/other', sockets: [101], listening });
    clock.advanceTo(2 * SECOND);
    selector.onListen(10, 8081);
    selector.onExec(11);
    expect(happened()).toEqual(['+11']);
  });

  it('on another port tells the new facts', () => {
    tree.put(listener(10, 8080));
    select({ instrument: [{ exe_path: '*' }] }).start();
    selector.onListen(10, 9090);
    expect(happened()).toEqual(['+10', '+10']);
    expect(latest.get(10)?.listeningPorts).toEqual([8080, 9090]);
  });

  it('on an excluded port is deselected', () => {
    tree.put(listener(10, 8080));
    select({ instrument: [{ open_ports: 8080 }], exclude: [{ open_ports: 9090 }] }).start();
    selector.onListen(10, 9090);
    expect(happened()).toEqual(['+10', '-10']);
  });
});

describe('a fork', () => {
  it('of an observed process selects the child with facts of its own', () => {
    tree.put({ pid: 10 });
    select({ instrument: [{ target_pids: 10 }] }).start();
    tree.put({ pid: 11, parentPid: 10, startTicks: 6000 });
    selector.onFork(10, 11);
    expect(happened()).toEqual(['+10', '+11']);
    const instances = [10, 11].map(
      (pid) => latest.get(pid)!.resource.find(([key]) => key === 'service.instance.id')![1],
    );
    expect(instances[0]).not.toBe(instances[1]);
  });

  it('followed by an exec of the same program keeps the child, of another one drops it', () => {
    tree.put({ pid: 10, exe: '/usr/bin/node' });
    select({ instrument: [{ target_pids: 10 }] }).start();
    for (const pid of [11, 12]) {
      tree.put({ pid, parentPid: 10, exe: '/usr/bin/node' });
      selector.onFork(10, pid);
    }
    happened();
    tree.put({ pid: 11, parentPid: 10, exe: '/usr/bin/node', args: ['node', 'worker.js'] });
    tree.put({ pid: 12, parentPid: 10, exe: '/bin/sh' });
    selector.onExec(11);
    selector.onExec(12);
    expect(happened()).toEqual(['+11', '-12']);
  });

  it('is told once, even if the child was seen before its event came', () => {
    tree.put({ pid: 10 });
    tree.put({ pid: 11, parentPid: 10 });
    select({ instrument: [{ target_pids: 10 }] }).start();
    selector.onFork(10, 11);
    expect(happened()).toEqual(['+10', '+11']);
  });

  it('of an excluded child does not select it', () => {
    tree.put({ pid: 10 });
    select({ instrument: [{ target_pids: 10 }], exclude: [{ target_pids: 11 }] }).start();
    tree.put({ pid: 11, parentPid: 10 });
    selector.onFork(10, 11);
    expect(happened()).toEqual(['+10']);
  });

  it('keeps the worker when its parent ends', () => {
    tree.put(listener(10, 80));
    tree.put({ pid: 11, parentPid: 10 });
    select({ instrument: [{ open_ports: 80 }] }).start();
    tree.remove(10);
    selector.onExit(10);
    tree.put({ pid: 11, parentPid: 1, sockets: [100], listening: [[100, 81]] });
    selector.onListen(11, 81);
    expect(happened()).toEqual(['+10', '+11', '-10', '+11']);
  });
});

describe('the end of a process', () => {
  it('deselects it once', () => {
    tree.put({ pid: 10 });
    select({ instrument: [{ exe_path: '*' }] }).start();
    tree.remove(10);
    selector.onExit(10);
    selector.onExit(10);
    clock.advanceTo(30 * SECOND);
    expect(happened()).toEqual(['+10', '-10']);
    expect(selector.facts(10)).toBeUndefined();
  });
});

describe('from time to time', () => {
  it('processes whose events were lost are found, and those that ended are let go', () => {
    tree.put({ pid: 10, exe: '/usr/sbin/nginx' });
    tree.put({ pid: 11, exe: '/bin/sh' });
    select({ instrument: [{ exe_path: '*/nginx' }] }).start();
    happened();
    tree.remove(10);
    tree.put({ pid: 11, exe: '/usr/sbin/nginx' });
    tree.put({ pid: 12, exe: '/usr/sbin/nginx' });
    clock.advanceTo(9 * SECOND);
    expect(happened()).toEqual([]);
    clock.advanceTo(10.5 * SECOND);
    expect(happened()).toEqual(['-10', '+11', '+12']);
    clock.advanceTo(35 * SECOND);
    expect(happened()).toEqual([]);
  });

  it('listening sockets that were passed on are found', () => {
    tree.put({ pid: 10 });
    tree.put({ ...listener(11, 9090) });
    select({ instrument: [{ open_ports: 8080 }] }).start();
    clock.advanceTo(15 * SECOND);
    const listening = [
      [110, 9090],
      [100, 8080],
    ] as const;
    tree.put({ pid: 10, sockets: [100], listening });
    tree.put({ pid: 11, sockets: [110], listening });
    clock.advanceTo(35 * SECOND);
    expect(happened()).toEqual(['+10']);
  });

  it('all processes are looked at, in slices', () => {
    for (let pid = 100; pid < 200; pid++) tree.put({ pid });
    select({ instrument: [{ exe_path: '/new' }] }).start();
    for (let pid = 100; pid < 200; pid++) tree.put({ pid, exe: '/new' });
    clock.advanceTo(10 * SECOND);
    expect(happened()).toHaveLength(32);
    clock.advanceTo(10.1 * SECOND);
    expect(happened()).toHaveLength(68);
  });

  it('nothing is looked at any longer after stop', () => {
    select({ instrument: [{ exe_path: '*' }] }).start();
    tree.put({ pid: 10 });
    selector.stop();
    clock.advanceTo(60 * SECOND);
    expect(happened()).toEqual([]);
  });
});
