import type { Redis } from 'ioredis';
import type { Nanos } from '../../collector/clock.ts';
import type { Counter } from '../../collector/counters.ts';
import type { RedisStore } from '../options.ts';
import { decodeAnswer, encodeParent, PROMISED } from './encoding.ts';
import { Reach } from './reach.ts';
import type { Answer, FarParent, Rendezvous } from './rendezvous.ts';
import type { RendezvousCounters } from './rendezvous-counters.ts';

export interface RedisRendezvousOptions extends Omit<RedisStore, 'kind'> {
  /** How long a promise and a decision are kept. */
  readonly promiseTtl: Nanos;
  readonly ttl: Nanos;
  readonly counters: RendezvousCounters;
  /** The server can not be reached or takes nothing, said once; and that it is there again. */
  lost(error: Error): void;
  back(): void;
}

/** Commands in one round trip. */
const AT_A_TIME = 1000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2000;

type Answered = Parameters<Rendezvous['ask']>[1];

/** A rendezvous in a Redis server, or one that speaks its protocol. What can not be sent or asked is counted, never waited for. */
export class RedisRendezvous implements Rendezvous {
  readonly #options: RedisRendezvousOptions;
  readonly #timeoutMs: number;
  readonly #reach: Reach<'ask' | 'tell'>;
  readonly #unsent: Counter;
  readonly #unasked: Counter;
  #connecting: Promise<void> | undefined;
  #client: Redis | undefined;
  /** By name; a decision takes the place of a promise that has not been sent. */
  #waiting = new Map<string, FarParent | 'promised'>();
  #sending: Promise<void> | undefined;
  #closing = false;

  constructor(options: RedisRendezvousOptions) {
    this.#options = options;
    this.#timeoutMs = Math.max(1, Math.round(options.timeout / 1e6));
    const { lost, back, counters } = options;
    this.#reach = new Reach(lost, back);
    this.#unsent = counters.failures('tell');
    this.#unasked = counters.failures('ask');
  }

  open(): void {
    this.#connecting = this.#connect();
  }

  promise(name: string): void {
    if (!this.#waiting.has(name)) this.#tell(name, 'promised');
  }

  decide(name: string, parent: FarParent): void {
    this.#tell(name, parent);
  }

  ask(names: readonly string[], answered: Answered): void {
    for (let from = 0; from < names.length; from += AT_A_TIME)
      void this.#ask(names.slice(from, from + AT_A_TIME), answered);
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#connecting;
    await this.#sending;
    this.#client?.disconnect();
    this.#unsent.value += this.#waiting.size;
    this.#waiting.clear();
  }

  /** Who uses no Redis does not load its client. */
  async #connect(): Promise<void> {
    const { endpoint, username, password } = this.#options;
    const { Redis } = await import('ioredis');
    if (this.#closing) return;
    const client = new Redis(endpoint, {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      connectTimeout: this.#timeoutMs,
      commandTimeout: this.#timeoutMs,
      // A question that waits for a connection holds traces.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt, 10), LONGEST_RETRY_MS),
    });
    this.#client = client;
    client.on('error', (error: Error) => this.#reach.failed('ask', error));
    client.on('close', () => {
      if (!this.#closing) this.#reach.failed('ask', new Error('the connection was closed'));
    });
    client.on('ready', () => {
      this.#reach.worked('ask');
      this.#send();
    });
  }

  async #ask(names: readonly string[], answered: Answered): Promise<void> {
    let values: readonly (string | null)[];
    try {
      if (this.#client?.status !== 'ready') throw new Error('there is no connection');
      values = await this.#client.mget(names.map((name) => this.#key(name)));
      this.#reach.worked('ask');
    } catch (error) {
      this.#reach.failed('ask', error as Error);
      this.#unasked.value += names.length;
      for (const name of names) answered(name, 'unavailable');
      return;
    }
    for (const [i, name] of names.entries()) answered(name, this.#read(values[i] ?? null));
  }

  #read(value: string | null): Answer {
    const answer = decodeAnswer(value);
    if (answer !== undefined) return answer;
    this.#unasked.value++;
    return 'unavailable';
  }

  #tell(name: string, what: FarParent | 'promised'): void {
    this.#waiting.set(name, what);
    if (this.#waiting.size > this.#options.maxWaiting) {
      this.#waiting.delete(this.#waiting.keys().next().value!);
      this.#unsent.value++;
      this.#reach.failed('tell', new Error(`${this.#options.maxWaiting} messages wait for it already`));
    }
    this.#send();
  }

  /** One round trip after the other: what comes meanwhile goes with the next. */
  #send(): void {
    if (this.#client?.status !== 'ready') return;
    this.#sending ??= this.#sendWaiting(this.#client).finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendWaiting(client: Redis): Promise<void> {
    // What is told in one go is sent in one go.
    await Promise.resolve();
    while (this.#waiting.size > 0 && client.status === 'ready') {
      const batch = [...this.#waiting].slice(0, AT_A_TIME);
      const pipeline = client.pipeline();
      for (const [name, what] of batch) {
        this.#waiting.delete(name);
        const { promiseTtl, ttl } = this.#options;
        if (what === 'promised')
          pipeline.set(this.#key(name), PROMISED, 'PX', milliseconds(promiseTtl), 'NX');
        else pipeline.set(this.#key(name), encodeParent(what), 'PX', milliseconds(ttl));
      }
      const results = await pipeline.exec().catch((error: Error) => batch.map(() => [error] as [Error]));
      const errors = (results ?? []).flatMap(([error]) => (error ? [error] : []));
      this.#unsent.value += errors.length;
      if (errors[0]) this.#reach.failed('tell', errors[0]);
      else this.#reach.worked('tell');
      if (errors[0] && this.#closing) return;
    }
  }

  #key(name: string): string {
    return this.#options.keyPrefix + name;
  }
}

function milliseconds(nanos: Nanos): number {
  return Math.max(1, Math.round(nanos / 1e6));
}
