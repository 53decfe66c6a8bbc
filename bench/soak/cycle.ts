import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { label } from '../../examples/shop/ledger.ts';
import { ConnectionLoad } from './connections.ts';
import { SpanLoad } from './spans.ts';
import type { World } from './world.ts';

/** Connections and customers at the height of a cycle. */
const MOST_KEPT = 300;
const MOST_CUSTOMERS = 12;
const FORKED_EVERY_MS = 60;
const POST_EVERY_MS = 250;
const TRACES_A_POST = 10;
/** A process that listens is noticed within this time. */
const NOTICED_MS = 1000;
const ORDERS = 9000;

const RESTARTED = ['web', 'stock', 'price'] as const;

/** Everything that asks and sends; goes up and down with each cycle. */
export class Load {
  readonly connections = new ConnectionLoad();
  readonly spans: SpanLoad;
  readonly #world: World;
  readonly #reload: () => Promise<void>;
  /** Those who ask the forking server wait while this is set: all of its requests are counted, and must be seen. */
  #forkingPaused: Promise<void> | undefined;
  #forking: Promise<void> = Promise.resolve();
  #until = 0;
  #from = 0;
  #order = 0;

  constructor(world: World, reload: () => Promise<void>) {
    this.#world = world;
    this.#reload = reload;
    this.spans = new SpanLoad(`http://127.0.0.1:${world.otlp.load}`);
  }

  /** From nothing to everything and back to nothing, with a restart of each service and a reload on the way. */
  async cycle(durationMs: number): Promise<void> {
    this.#from = Date.now();
    this.#until = this.#from + durationMs;
    const customers = Array.from({ length: MOST_CUSTOMERS }, (_, i) => this.#customer(i / MOST_CUSTOMERS));
    const disturbed = this.#disturb(durationMs);
    await Promise.all([
      ...customers,
      this.#keepConnections(),
      this.#askForking(),
      this.#postSpans(),
      disturbed,
    ]);
  }

  /** 0 at both ends of a cycle, 1 in its middle. */
  #height(): number {
    const done = (Date.now() - this.#from) / (this.#until - this.#from);
    return Math.max(0, Math.sin(Math.PI * done));
  }

  get #running(): boolean {
    return Date.now() < this.#until;
  }

  /** Orders while the load is above its threshold. */
  async #customer(threshold: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (this.#running) {
      if (this.#height() > threshold)
        await this.connections.order(this.#world.shop.url, agent, label(this.#order++ % ORDERS));
      await sleep(200);
    }
    agent.destroy();
  }

  async #keepConnections(): Promise<void> {
    while (this.#running) {
      await this.connections.keep(this.#world.hello.url, Math.round(MOST_KEPT * this.#height()));
      await sleep(100);
    }
    await this.connections.keep(this.#world.hello.url, 0);
  }

  async #askForking(): Promise<void> {
    while (this.#running) {
      await this.#forkingPaused;
      if (!this.#running) break;
      this.#forking = this.connections.forked(`http://127.0.0.1:${this.#world.forkingPort}/`);
      await this.#forking;
      await sleep(FORKED_EVERY_MS);
    }
  }

  async #postSpans(): Promise<void> {
    while (this.#running) {
      await this.spans.post(TRACES_A_POST);
      await sleep(POST_EVERY_MS);
    }
  }

  async #disturb(durationMs: number): Promise<void> {
    const steps = [
      ...RESTARTED.map((service) => () => this.#world.shop.restart(service)),
      () => this.#withoutForking(() => this.#world.restartForking()),
      () => this.#withoutForking(this.#reload),
    ];
    for (const step of steps) {
      await sleep(durationMs / (steps.length + 2));
      await step();
    }
  }

  async #withoutForking(work: () => Promise<void>): Promise<void> {
    let resume = () => {};
    this.#forkingPaused = new Promise((resolve) => {
      resume = resolve;
    });
    await this.#forking;
    // Its processes have ended, and their last records have been read.
    await sleep(NOTICED_MS);
    await work();
    await sleep(NOTICED_MS);
    this.#forkingPaused = undefined;
    resume();
  }
}
