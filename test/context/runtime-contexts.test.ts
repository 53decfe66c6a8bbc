import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { SpanloomError } from '../../src/error.ts';
import type { Inspection } from '../../src/receiver/ebpf/context/inspection.ts';
import { RuntimeContexts } from '../../src/receiver/ebpf/context/runtime-contexts.ts';
import { facts } from '../tracker/messages.ts';

/** Any program does: what is in it, the test says. */
const FILE = process.execPath;
const INSPECTION: Inspection = {
  kind: 1,
  parameters: [],
  file: FILE,
  probes: [
    { program: 'go_newproc1', offset: 16 },
    { program: 'go_is_system_goroutine', offset: 32, cookie: 5n },
  ],
  shortcomings: ['it lacks something.'],
};

class Stage {
  readonly done: string[] = [];
  readonly lines: string[] = [];
  refuse = false;
  readonly contexts: RuntimeContexts;

  constructor() {
    this.contexts = new RuntimeContexts({
      procRoot: '/proc',
      inspect: { go: async () => INSPECTION },
      logger: pino({ base: null }, { write: (line: string) => this.lines.push(JSON.parse(line).msg) }),
      capture: {
        attachUprobe: (program, path, offset) => {
          if (this.refuse) throw new SpanloomError('SPANLOOM_BPF_UPROBE', 'refused');
          this.done.push(`attach ${program} ${path === FILE ? 'file' : path} ${offset}`);
          const detach = () => this.done.push(`detach ${program}`);
          return { close: detach, closeInBackground: detach };
        },
        setRuntime: (pid, { kind }) => this.done.push(`runtime ${pid} ${kind}`),
        forgetRuntime: (pid) => this.done.push(`forget ${pid}`),
      },
    });
  }

  async select(pid: number, runtime: 'go' | 'java' = 'go', startTime = 1): Promise<void> {
    this.contexts.selected(facts(pid, { runtime, startTime, executablePath: FILE }));
    await new Promise(setImmediate);
  }

  taken(): string[] {
    return this.done.splice(0);
  }
}

describe('the contexts of runtimes', () => {
  it('are looked for in a process once, with probes once a file, until no process uses it', async () => {
    const stage = new Stage();
    await stage.select(1);
    expect(stage.taken()).toEqual([
      'runtime 1 1',
      'attach go_newproc1 file 16',
      'attach go_is_system_goroutine file 32',
    ]);
    await stage.select(1);
    await stage.select(2);
    expect(stage.taken()).toEqual(['runtime 2 1']);
    stage.contexts.deselected(1);
    expect(stage.taken()).toEqual(['forget 1']);
    stage.contexts.deselected(2);
    expect(stage.taken()).toEqual(['forget 2', 'detach go_newproc1', 'detach go_is_system_goroutine']);
  });

  it('are not looked for in other runtimes, nor in a process that is gone by then', async () => {
    const stage = new Stage();
    await stage.select(1, 'java');
    stage.contexts.selected(facts(2, { runtime: 'go' }));
    stage.contexts.deselected(2);
    await new Promise(setImmediate);
    expect(stage.taken()).toEqual(['forget 2']);
  });

  it('are looked for anew in another process of the same number', async () => {
    const stage = new Stage();
    await stage.select(1);
    stage.taken();
    await stage.select(1, 'go', 2);
    expect(stage.taken()).toContain('forget 1');
  });

  it('go on without probes where the kernel refuses them, and say once what is missing', async () => {
    const stage = new Stage();
    stage.refuse = true;
    await stage.select(1);
    await stage.select(2);
    expect(stage.taken()).toEqual(['runtime 1 1', 'runtime 2 1']);
    expect(stage.lines).toEqual([
      expect.stringContaining('it lacks something.'),
      expect.stringContaining('refused'),
    ]);
  });

  it('are let go of at the end', async () => {
    const stage = new Stage();
    await stage.select(1);
    stage.taken();
    stage.contexts.close();
    expect(stage.taken()).toEqual(['detach go_newproc1', 'detach go_is_system_goroutine']);
  });
});
