import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A child process that answers one message at a time. */
export class Child<Request extends object, Answer> {
  readonly #process: ChildProcess;

  /** @param flags Node's own */
  constructor(script: URL, args: readonly string[] = [], flags: readonly string[] = process.execArgv) {
    this.#process = fork(script, args, { execArgv: [...flags] });
  }

  get pid(): number {
    return this.#process.pid!;
  }

  async ask(request: Request): Promise<Answer> {
    this.#process.send(request);
    return this.answer();
  }

  /** The next message; rejects when the process ends before it comes. */
  async answer(): Promise<Answer> {
    const waiting = new AbortController();
    const { signal } = waiting;
    const gone = once(this.#process, 'exit', { signal }).then(() => {
      throw new Error('a child process ended early; what it wrote stands above');
    });
    gone.catch(() => {});
    try {
      const [answer] = await Promise.race([once(this.#process, 'message', { signal }), gone]);
      return answer as Answer;
    } finally {
      waiting.abort();
    }
  }

  stop(): void {
    this.#process.kill();
  }
}
