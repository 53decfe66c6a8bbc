import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SystemClock } from '../../src/collector/clock.ts';
import { Builds } from '../../src/receiver/ebpf/process/build.ts';
import type { ProcessFacts } from '../../src/receiver/ebpf/process/facts.ts';
import { readHost } from '../../src/receiver/ebpf/process/host.ts';
import { readFacts } from '../../src/receiver/ebpf/process/read-facts.ts';
import { Selection, selectionShape } from '../../src/receiver/ebpf/process/selection.ts';
import { ProcessSelector } from '../../src/receiver/ebpf/process/selector.ts';

const read = {
  procRoot: '/proc',
  host: readHost(),
  builds: new Builds(),
  distroVersion: '1.2.3',
  malformedAttributes: { value: 0 },
};

const folder = mkdtempSync(join(tmpdir(), 'spanloom-live-'));
const children: ChildProcess[] = [];

type Started = ChildProcess & { lines: AsyncIterator<string> };

/** Starts a program that prints a line when it is ready for the next step. */
function start(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, ...env },
  });
  children.push(child);
  return Object.assign(child, { lines: createInterface(child.stdout!)[Symbol.asyncIterator]() });
}

async function line(child: Started): Promise<string> {
  const next = await child.lines.next();
  if (next.done) throw new Error('the program ended without printing what it should');
  return next.value;
}

function script(name: string, code: string): string {
  const path = join(folder, name);
  writeFileSync(path, code);
  return path;
}

const attribute = (facts: ProcessFacts | undefined, key: string) =>
  facts?.resource.find(([name]) => name === key)?.[1];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SERVER = `
import http.server, sys
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(server.server_address[1], flush=True)
sys.stdin.readline()
`;

describe('a real process', () => {
  it('in Python is known by its script, port and runtime', async () => {
    const child = start('/usr/bin/python3', [script('stock.py', SERVER)], {
      OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=shop',
    });
    const port = Number(await line(child));
    const facts = readFacts(child.pid!, read)!;
    expect(facts).toMatchObject({
      pid: child.pid,
      parentPid: process.pid,
      runtime: 'python',
      listeningPorts: [port],
    });
    expect(attribute(facts, 'service.name')).toBe('stock');
    expect(attribute(facts, 'service.namespace')).toBe('shop');
    expect(facts.startTime).toBeLessThan(Number(process.hrtime.bigint()));
    expect(readFacts(child.pid!, read)).toEqual(facts);
  });

  it('in Node.js is known by OTEL_SERVICE_NAME', async () => {
    const code =
      'require("http").createServer().listen(0, "::1", function () { console.log(this.address().port) })';
    const child = start(process.execPath, [script('server.js', code)], { OTEL_SERVICE_NAME: 'web' });
    const port = Number(await line(child));
    const facts = readFacts(child.pid!, read);
    expect(facts).toMatchObject({ runtime: 'node', listeningPorts: [port], netns: expect.any(Number) });
    expect(facts!.netns).toBeGreaterThan(0);
    expect(attribute(facts, 'service.name')).toBe('web');
  });

  it('that has ended but was not waited for is none', async () => {
    const code =
      'import os, sys\nif os.fork() == 0: os._exit(0)\nos.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)\nprint(1, flush=True)\nsys.stdin.readline()';
    const child = start('/usr/bin/python3', ['-c', code]);
    await line(child);
    const zombies = childrenOf(child.pid!);
    expect(zombies).toHaveLength(1);
    expect(readFacts(zombies[0]!, read)).toBeUndefined();
  });
});

describe('the selector on real processes', () => {
  function select(config: unknown) {
    const calls: string[] = [];
    const selector = new ProcessSelector({
      selection: new Selection(z.strictObject(selectionShape).parse(config)),
      read,
      clock: new SystemClock(),
      selected: (facts) => calls.push(`+${facts.pid}`),
      deselected: (pid) => calls.push(`-${pid}`),
      warn: (message) => calls.push(message),
    });
    return { selector, calls };
  }

  it('finds a server by its port, with the workers that it forked, and not us', async () => {
    const code = `${SERVER.replace('sys.stdin.readline()', '')}
import os, time
pid = os.fork()
if pid: print(pid, flush=True)
sys.stdin.readline()
`;
    const child = start('/usr/bin/python3', ['-c', code]);
    const port = await line(child);
    const worker = Number(await line(child));
    const { selector, calls } = select({ instrument: [{ open_ports: port }] });
    selector.scan();
    expect(calls.sort()).toEqual([`+${child.pid}`, `+${worker}`].sort());
    expect(selector.facts(worker)?.parentPid).toBe(child.pid);
    selector.onExit(worker);
    expect(calls.at(-1)).toBe(`-${worker}`);
    process.kill(worker, 'SIGKILL');
    selector.stop();
  });

  it('follows a process through an exec of another program', async () => {
    const code =
      'import os, sys\nprint(1, flush=True)\nsys.stdin.readline()\nos.execv("/bin/sh", ["sh", "-c", "echo 2; read x"])';
    const child = start('/usr/bin/python3', ['-c', code]);
    await line(child);
    const { selector, calls } = select({ instrument: [{ cmd_args: '*os.execv*', target_pids: child.pid }] });
    selector.scan();
    expect(calls).toEqual([`+${child.pid}`]);
    const next = line(child);
    child.stdin!.write('\n');
    await next;
    selector.onExec(child.pid!);
    // The shell's own arguments are what counts now.
    expect(calls).toEqual([`+${child.pid}`, `-${child.pid}`]);
    selector.stop();
  });

  it('sees a listen as soon as its event comes', async () => {
    const code = `import sys\nprint(1, flush=True)\nsys.stdin.readline()\n${SERVER}`;
    const child = start('/usr/bin/python3', ['-c', code]);
    await line(child);
    const { selector, calls } = select({ instrument: [{ open_ports: '1-65535', target_pids: child.pid }] });
    selector.scan();
    expect(calls).toEqual([]);
    const next = line(child);
    child.stdin!.write('\n');
    const port = Number(await next);
    selector.onListen(child.pid!, port);
    expect(calls).toEqual([`+${child.pid}`]);
    expect(selector.facts(child.pid!)?.listeningPorts).toEqual([port]);
    selector.stop();
  });
});

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}
