import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** One order on its way: when it was sent and when it was answered, in milliseconds of Unix time. */
export interface SentOrder {
  readonly label: string;
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** One kept-alive connection to the shop. */
export class Customer {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async order(label: string): Promise<SentOrder> {
    return this.halfOrder(label).finish();
  }

  /** Sends the head of an order now; the shop has to wait for the rest. */
  halfOrder(label: string): HalfOrder {
    return new HalfOrder(this.#url, this.#agent, label);
  }

  close(): void {
    this.#agent.destroy();
  }
}

export class HalfOrder {
  readonly #label: string;
  readonly #body: string;
  readonly #sentAt = Date.now();
  readonly #request: ClientRequest;
  readonly #response: Promise<IncomingMessage>;

  constructor(url: string, agent: Agent, label: string) {
    this.#label = label;
    this.#body = JSON.stringify({ order: label });
    this.#request = request(url, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(this.#body) },
    });
    this.#response = new Promise((resolve, reject) => {
      this.#request.once('response', resolve);
      this.#request.once('error', reject);
    });
    this.#response.catch(() => {});
    this.#request.flushHeaders();
  }

  async finish(): Promise<SentOrder> {
    this.#request.end(this.#body);
    const response = await this.#response;
    for await (const _ of response);
    if (response.statusCode !== 200)
      throw new Error(`order ${this.#label} was answered with status ${response.statusCode}`);
    return { label: this.#label, sentAt: this.#sentAt, answeredAt: Date.now() };
  }
}

/** Orders in bursts of as many as there are customers, one burst after the other until it is stopped. */
export class BurstLoad {
  readonly #lines: Promise<SentOrder[]>[];
  #stopped = false;

  /** @param labels one for each order, in turn */
  constructor(customers: readonly Customer[], labels: Iterator<string>, intervalMs: number) {
    const start = Date.now();
    this.#lines = customers.map(async (customer) => {
      const sent: SentOrder[] = [];
      for (let burst = 0; !this.#stopped; burst++) {
        const { value: label, done } = labels.next();
        if (done) break;
        sent.push(await customer.order(label));
        await sleep(start + (burst + 1) * intervalMs - Date.now());
      }
      return sent;
    });
  }

  /** Resolves when every order sent has been answered. */
  async stop(): Promise<SentOrder[]> {
    this.#stopped = true;
    return (await Promise.all(this.#lines)).flat();
  }
}
