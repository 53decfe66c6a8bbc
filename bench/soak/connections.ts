import { Agent, get, request } from 'node:http';

/** How often each thing was done. */
export interface Done {
  orders: number;
  /** Orders that were not answered with 200, as while a service is restarted. */
  failedOrders: number;
  forked: number;
  opened: number;
}

/** Requests over connections that are opened and closed all the time. */
export class ConnectionLoad {
  readonly done: Done = { orders: 0, failedOrders: 0, forked: 0, opened: 0 };
  readonly #kept: Agent[] = [];

  /** An order on one of `customers` kept-alive connections. */
  async order(url: string, agent: Agent, label: string): Promise<void> {
    const body = JSON.stringify({ order: label });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const status = await new Promise<number>((resolve) => {
      const outgoing = request(url, { agent, method: 'POST', headers }, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode!));
        response.once('error', () => resolve(0));
      });
      outgoing.once('error', () => resolve(0));
      outgoing.end(body);
    });
    if (status === 200) this.done.orders++;
    else this.done.failedOrders++;
  }

  /** A request on a connection of its own, to a server that makes a process for it. */
  async forked(url: string): Promise<void> {
    await answered(url, undefined);
    this.done.forked++;
    this.done.opened++;
  }

  /** Opens or closes kept-alive connections until there are `count`; each new one carries a request. */
  async keep(url: string, count: number): Promise<void> {
    while (this.#kept.length > count) this.#kept.pop()!.destroy();
    while (this.#kept.length < count) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      this.#kept.push(agent);
      await answered(url, agent);
      this.done.opened++;
    }
  }
}

function answered(url: string, agent: Agent | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { agent: agent ?? false };
    const outgoing = get(url, options, (response) => {
      response.resume();
      response.once('end', resolve);
      response.once('error', reject);
    });
    outgoing.once('error', reject);
  });
}
