import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ManualClock } from '../../src/collector/clock.ts';
import { Selection, selectionShape } from '../../src/receiver/ebpf/process/selection.ts';
import { ProcessSelector } from '../../src/receiver/ebpf/process/selector.ts';
import { NETNS, ProcTree } from './proc-tree.ts';

const POD = NETNS + 7;

describe('scope: pod', () => {
  let tree: ProcTree;
  afterEach(() => tree[Symbol.dispose]());

  function start(own: number | undefined, host = NETNS) {
    tree = new ProcTree();
    tree.put({ pid: 1, netns: host });
    tree.put({ pid: 10, netns: POD, exe: '/usr/bin/web' });
    tree.put({ pid: 11, netns: NETNS, exe: '/usr/bin/web' });
    tree.put({ pid: 12, netns: POD, parentPid: 11, exe: '/usr/bin/web' });
    tree.put({ pid: 13, netns: NETNS, parentPid: 10, exe: '/usr/bin/web' });
    if (own !== undefined) tree.put({ pid: 50, netns: own });
    symlinkSync('50', `${tree.root}/self`);
    const chosen: number[] = [];
    const warnings: string[] = [];
    const selector = new ProcessSelector({
      selection: new Selection(
        z.strictObject(selectionShape).parse({ scope: 'pod', instrument: [{ exe_path: 'web' }] }),
      ),
      read: tree.options(),
      clock: new ManualClock(0n),
      selected: ({ pid }) => chosen.push(pid),
      deselected: () => {},
      warn: (message) => warnings.push(message),
    });
    selector.start();
    selector.stop();
    return { chosen: chosen.sort(), warnings };
  }

  it('sees what shares the network namespace with Spanloom, children of others included', () => {
    expect(start(POD)).toEqual({ chosen: [10, 12], warnings: [] });
  });

  it('says that it has no effect in the network namespace of the host', () => {
    const { chosen, warnings } = start(NETNS);
    expect(chosen).toEqual([11, 13]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('without hostNetwork');
  });

  it('is refused where its own network namespace is not known', () => {
    expect(() => start(undefined)).toThrow(expect.objectContaining({ code: 'SPANLOOM_SCOPE_POD' }));
  });
});

const SCRIPT = fileURLToPath(new URL('./support/chosen-here.mts', import.meta.url));
const SERVER = 'import sys; print(1, flush=True); sys.stdin.readline()';

function canMakeNamespaces(): boolean {
  try {
    execFileSync('unshare', ['--net', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!canMakeNamespaces())('scope on real processes in two network namespaces', () => {
  const children: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  });

  async function start(...wrapper: string[]): Promise<number> {
    const [command, ...args] = [...wrapper, '/usr/bin/python3', '-c', SERVER];
    const child = spawn(command!, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    await once(child.stdout, 'data');
    return child.pid!;
  }

  function chosenIn(pid: number, config: unknown): { chosen: number[]; warnings: string[] } {
    const args = [
      `--net=/proc/${pid}/ns/net`,
      process.execPath,
      '--import',
      'tsx',
      SCRIPT,
      JSON.stringify(config),
    ];
    return JSON.parse(execFileSync('nsenter', args, { encoding: 'utf8' }));
  }

  it('is the own pod, or the whole host', async () => {
    const inside = await start('unshare', '--net');
    const outside = await start();
    const instrument = [{ target_pids: [inside, outside] }];
    expect(chosenIn(inside, { scope: 'pod', instrument })).toEqual({ chosen: [inside], warnings: [] });
    expect(chosenIn(inside, { scope: 'host', instrument }).chosen.sort()).toEqual([inside, outside].sort());
    expect(chosenIn(outside, { scope: 'pod', instrument }).chosen).toEqual([outside]);
  });
});
