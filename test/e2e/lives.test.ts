import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ManagedProcess } from '../../examples/shop/run/managed-process.ts';
import { startSpanloom } from '../../examples/shop/run/spanloom.ts';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { Puppet } from '../capture/support/puppet.ts';
import { readSpans, type Span } from '../support/otlp-json.ts';
import { writeConfig } from '../support/spanloom-config.ts';

const LAST_PID = '/proc/sys/kernel/ns_last_pid';
const PATIENCE_MS = 15_000;
/** Python: the whole answer of a server, and the read of one. */
const OK = "b'HTTP/1.1 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nok'";

const get = (target: string, headers = '') => `b'GET ${target} HTTP/1.1\\r\\nhost: x\\r\\n${headers}\\r\\n'`;

describe('connections and processes', () => {
  let workDir: string;
  let spanloom: ManagedProcess;
  let output: string;
  let puppets: Puppet[];
  beforeEach(async () => {
    workDir = makeWorkDir();
    output = join(workDir, 'spans.jsonl');
    puppets = [];
    const ebpf = { instrument: [{ cmd_args: `*${workDir}*` }] };
    const configFile = writeConfig(workDir, 'lives', { ebpf, correlate: { decision_wait: '1s' }, output });
    spanloom = await startSpanloom({ configFile, logFile: join(workDir, 'spanloom.log') });
  });
  afterEach(async () => {
    await spanloom?.stop();
    await Promise.all(puppets.map((puppet) => puppet.stop()));
    removeWorkDir(workDir);
  });

  /** A program named `service`, known to Spanloom. */
  async function program(service: string): Promise<Puppet> {
    const puppet = new Puppet({ args: [workDir], env: { OTEL_SERVICE_NAME: service } });
    puppets.push(puppet);
    await puppet.run('0');
    await sleep(300);
    return puppet;
  }

  /** The program listens as `l`; the port. */
  async function listen(puppet: Puppet): Promise<number> {
    return Number(await puppet.run("l = socket.create_server(('127.0.0.1', 0)); l.getsockname()[1]"));
  }

  /** `from` gets a connection called `name` to what listens, which accepts it as `s`. */
  async function connect(from: Puppet, name: string, to: Puppet, port: number): Promise<void> {
    await from.run(`${name} = socket.create_connection(('127.0.0.1', ${port}))`);
    await to.run('s = l.accept()[0]');
  }

  /** `to` answers the request that is waiting on its connection `s`. */
  const answer = (to: Puppet) => to.run(`s.recv(1000); s.sendall(${OK})`);

  async function spans(expected: number): Promise<Span[]> {
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(200))
      if (readSpans(output).length >= expected) break;
    return readSpans(output);
  }

  /** A line a span, in order of starts, with its place in the tree. */
  function outline(all: readonly Span[]): string[] {
    const ids = new Map(all.map((span) => [span.traceId + span.spanId, span]));
    const parentOf = (span: Span) => ids.get(span.traceId + span.parentSpanId);
    const depth = (span: Span): number => {
      const parent = parentOf(span);
      return parent ? depth(parent) + 1 : 0;
    };
    const below = (parent: Span | undefined): Span[] =>
      all
        .filter((span) => parentOf(span) === parent)
        .sort((a, b) => (a.startUnixNano < b.startUnixNano ? -1 : 1))
        .flatMap((span) => [span, ...below(span)]);
    return below(undefined).map((span) => {
      const path = String(span.attributes['url.path'] ?? span.attributes['url.full']).replace(
        /^http:\/\/[^/]*/,
        '',
      );
      return `${'  '.repeat(depth(span))}${span.resource['service.name']} ${span.kind} ${path}`;
    });
  }

  const pidOf = (all: readonly Span[], path: string) =>
    all.find((span) => span.kind === 'SERVER' && span.attributes['url.path'] === path)?.resource[
      'process.pid'
    ];

  it('passed on with SCM_RIGHTS: each request is that of the program that read it, with its own calls', async () => {
    const [caller, first, second, backend] = [
      await program('caller'),
      await program('first'),
      await program('second'),
      await program('backend'),
    ];
    const backendPort = await listen(backend);
    await connect(caller, 'c', first, await listen(first));
    await caller.run(`c.sendall(${get('/one')})`);
    await answer(first);
    await caller.run('c.recv(1000)');

    const channel = JSON.stringify(join(workDir, 'channel'));
    await second.run(`u = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); u.bind(${channel})`);
    await first.run(
      `u = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); u.connect(${channel}); socket.send_fds(u, [b'.'], [s.fileno()]); s.close()`,
    );
    await second.run('s = socket.socket(fileno=socket.recv_fds(u, 1, 1)[1][0])');
    await caller.run(`c.sendall(${get('/two')})`);
    await second.run(
      `s.recv(1000); b = socket.create_connection(('127.0.0.1', ${backendPort})); b.sendall(${get('/stock')})`,
    );
    await backend.run('s = l.accept()[0]');
    await answer(backend);
    await second.run(`b.recv(1000); s.sendall(${OK})`);
    await caller.run('c.recv(1000)');

    expect(outline(await spans(6))).toEqual([
      'caller CLIENT /one',
      '  first SERVER /one',
      'caller CLIENT /two',
      '  second SERVER /two',
      '    second CLIENT /stock',
      '      backend SERVER /stock',
    ]);
  });

  it('inherited by fork: what the child reads and asks is the child’s', async () => {
    const [caller, server, backend] = [
      await program('caller'),
      await program('server'),
      await program('backend'),
    ];
    await server.run(`b = socket.create_connection(('127.0.0.1', ${await listen(backend)}))`);
    await backend.run(
      `s = l.accept()[0]; threading.Thread(target=lambda: (s.recv(1000), s.sendall(${OK}))).start()`,
    );
    await connect(caller, 'c', server, await listen(server));
    await caller.run(`c.sendall(${get('/parent')})`);
    await answer(server);
    await caller.run(`c.recv(1000); c.sendall(${get('/child')})`);
    const child = await server.run(
      `pid = os.fork()\nif pid == 0: time.sleep(0.2); s.recv(1000); b.sendall(${get('/stock')}); b.recv(1000); s.sendall(${OK}); os._exit(0)\nos.waitpid(pid, 0)\npid`,
    );
    await caller.run('c.recv(1000)');

    const all = await spans(6);
    expect(outline(all)).toEqual([
      'caller CLIENT /parent',
      '  server SERVER /parent',
      'caller CLIENT /child',
      '  server SERVER /child',
      '    server CLIENT /stock',
      '      backend SERVER /stock',
    ]);
    expect([pidOf(all, '/parent'), pidOf(all, '/child')]).toEqual([server.pid, child]);
  });

  it('kept over exec: what the new program reads is the new program’s', async () => {
    const [caller, server] = [await program('caller'), await program('before')];
    await connect(caller, 'c', server, await listen(server));
    await caller.run(`c.sendall(${get('/before')})`);
    await answer(server);
    await caller.run('c.recv(1000)');
    // What the program was is read when the capture hears that it listens: not after the exec.
    await sleep(1000);
    const fd = await server.run('os.set_inheritable(s.fileno(), True); s.fileno()');
    await server.run(
      `print(json.dumps({'value': None}), flush=True); os.execve('/usr/bin/python3', ['python3'] + sys.argv, {'OTEL_SERVICE_NAME': 'after'})`,
    );
    await server.run(`s = socket.socket(fileno=${fd})`);
    await sleep(300);
    await caller.run(`c.sendall(${get('/after')})`);
    await answer(server);
    await caller.run('c.recv(1000)');

    const all = await spans(4);
    expect(outline(all)).toEqual([
      'caller CLIENT /before',
      '  before SERVER /before',
      'caller CLIENT /after',
      '  after SERVER /after',
    ]);
    expect([pidOf(all, '/before'), pidOf(all, '/after')]).toEqual([server.pid, server.pid]);
  });

  it('of a process id that is used again: nothing of the old program clings to the new one', async () => {
    const [caller, old] = [await program('caller'), await program('old')];
    await connect(caller, 'c', old, await listen(old));
    await caller.run(`c.sendall(${get('/old')})`);
    await answer(old);
    // The old one dies with a request at work.
    await caller.run(`c.recv(1000); c.sendall(${get('/unanswered')})`);
    await old.run('s.recv(1000)');
    await old.stop();
    puppets.splice(puppets.indexOf(old), 1);
    const again = await withPid(old.pid);
    await connect(caller, 'd', again, await listen(again));
    const backend = await program('backend');
    const port = await listen(backend);
    await again.run(`b = socket.create_connection(('127.0.0.1', ${port})); b.sendall(${get('/alone')})`);
    await backend.run('s = l.accept()[0]');
    await answer(backend);
    await again.run('b.recv(1000)');
    await caller.run(`d.sendall(${get('/new')})`);
    await answer(again);
    await caller.run('d.recv(1000); c.close()');

    const all = await spans(8);
    expect(outline(all)).toEqual([
      'caller CLIENT /old',
      '  old SERVER /old',
      'caller CLIENT /unanswered',
      '  old SERVER /unanswered',
      'new CLIENT /alone',
      '  backend SERVER /alone',
      'caller CLIENT /new',
      '  new SERVER /new',
    ]);
    expect([pidOf(all, '/old'), pidOf(all, '/new')]).toEqual([old.pid, old.pid]);
  });

  /** A program named `new` that has this process id. */
  async function withPid(pid: number): Promise<Puppet> {
    for (let tries = 0; tries < 200; tries++) {
      writeFileSync(LAST_PID, String(pid - 1));
      const puppet = new Puppet({ args: [workDir], env: { OTEL_SERVICE_NAME: 'new' } });
      if (puppet.pid === pid) {
        puppets.push(puppet);
        await puppet.run('0');
        await sleep(300);
        return puppet;
      }
      await puppet.stop();
      if (existsSync(`/proc/${pid}`))
        throw new Error(`${pid} was taken by ${readFileSync(`/proc/${pid}/cmdline`)}`);
    }
    throw new Error(`no program got the process id ${pid}`);
  }

  it('used for a hedged request: each of two equal calls has its own callee, the one given up as well', async () => {
    const [caller, hedger, slow, fast] = [
      await program('caller'),
      await program('hedger'),
      await program('slow'),
      await program('fast'),
    ];
    const [slowPort, fastPort] = [await listen(slow), await listen(fast)];
    await connect(caller, 'c', hedger, await listen(hedger));
    const header = 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\\r\\n';
    await caller.run(`c.sendall(${get('/order', header)})`);
    await hedger.run(
      `s.recv(1000); a = socket.create_connection(('127.0.0.1', ${slowPort})); a.sendall(${get('/stock', header)})`,
    );
    await slow.run('s = l.accept()[0]; s.recv(1000)');
    await hedger.run(
      `b = socket.create_connection(('127.0.0.1', ${fastPort})); b.sendall(${get('/stock', header)})`,
    );
    await fast.run('s = l.accept()[0]');
    await answer(fast);
    await hedger.run(`b.recv(1000); a.close(); s.sendall(${OK})`);
    await caller.run('c.recv(1000)');
    await slow.run('s.recv(1000); s.close()');

    const all = await spans(6);
    expect(outline(all)).toEqual([
      'caller CLIENT /order',
      '  hedger SERVER /order',
      '    hedger CLIENT /stock',
      '      slow SERVER /stock',
      '    hedger CLIENT /stock',
      '      fast SERVER /stock',
    ]);
    const port = ({ attributes }: Span) => attributes['network.peer.port'];
    const calls = all.filter((span) => span.resource['service.name'] === 'hedger' && span.kind === 'CLIENT');
    for (const call of calls) {
      const callee = all.find((span) => span.parentSpanId === call.spanId)!;
      expect(callee.attributes['network.local.port']).toBe(port(call));
      expect(call.attributes['spanloom.incomplete']).toBe(
        port(call) === slowPort ? 'connection_closed' : undefined,
      );
    }
  });
});
