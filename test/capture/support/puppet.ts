import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./puppet.py', import.meta.url));

export interface PuppetOptions {
  /** Shell commands to run first, in a network namespace of its own. */
  readonly setUp?: string;
  /** Arguments that the program does not look at: they are seen from outside. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A Python process that does to sockets what a test says, one call after the other. */
export class Puppet {
  readonly pid: number;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor({ setUp, args = [], env }: PuppetOptions = {}) {
    this.#child =
      setUp === undefined
        ? spawn('/usr/bin/python3', [SCRIPT, ...args], { env: { ...process.env, ...env } })
        : spawn('unshare', ['--net', 'sh', '-ec', `${setUp}; exec /usr/bin/python3 ${SCRIPT}`]);
    this.#child.stderr.on('data', (data: Buffer) => process.stderr.write(data));
    this.#answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    this.pid = this.#child.pid!;
  }

  /** Runs Python statements; the value of the last expression, if it is plain data. */
  async run(code: string): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(code)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`the puppet ended at: ${code}`);
    const answer = JSON.parse(value) as { value?: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(`${answer.error} at: ${code}`);
    return answer.value;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin.end();
    await ended;
  }
}

/** Two puppets and a connection between them: `c` on the client, `s` on the server. */
export class Pair {
  readonly client = new Puppet();
  readonly server = new Puppet();
  port = 0;

  /** `listen` and `connect` are addresses; families follow from them. */
  async listen(address = '127.0.0.1'): Promise<void> {
    const family = address.includes(':') ? 'AF_INET6' : 'AF_INET';
    this.port = Number(
      await this.server.run(
        `l = socket.socket(socket.${family}); l.bind(('${address}', 0)); l.listen(); l.getsockname()[1]`,
      ),
    );
  }

  async connect(address = '127.0.0.1'): Promise<void> {
    const family = address.includes(':') ? 'AF_INET6' : 'AF_INET';
    await this.client.run(`c = socket.socket(socket.${family}); c.connect(('${address}', ${this.port}))`);
    await this.server.run('s = l.accept()[0]');
  }

  async stop(): Promise<void> {
    await Promise.all([this.client.stop(), this.server.stop()]);
  }
}
