import type { Evidence } from '../../src/correlate/link/rule.ts';
import type { Execution, ExecutionContext } from '../../src/receiver/ebpf/exchange.ts';
import type { Runtime } from '../../src/receiver/ebpf/process/facts.ts';
import type { Actor } from './actor.ts';
import { type Call, Scene } from './scene.ts';
import type { Wire } from './wire.ts';

/** A program whose runtime has execution contexts, all on one thread, and what it talks to. */
export class ContextScene extends Scene {
  readonly service: Actor;
  readonly #web: Actor;
  readonly #api: Actor;

  constructor(runtime: Runtime, evidence: Evidence) {
    super({ evidence: new Set([evidence]) });
    this.service = this.process('shop', { runtime });
    this.#web = this.stranger('web');
    this.#api = this.stranger('api');
  }

  context(parent?: Execution, origin = 0): Execution & { readonly context: ExecutionContext } {
    const at = this.tick();
    const context = { process: this.service.process, parent: parent?.context, origin, since: at };
    this.did(this.service, { type: 'context', state: 'begun', context, at });
    return { thread: this.service.main, context };
  }

  ends({ context }: { readonly context: ExecutionContext }): void {
    this.did(this.service, { type: 'context', state: 'ended', context, at: this.tick() });
  }

  serverWire(): Wire {
    return this.newConnection(this.#web, this.service);
  }

  /** One that was there before anybody watched. */
  oldServerWire(): Wire {
    return this.connection(this.#web, this.service);
  }

  reads(by: Execution, wire = this.serverWire()): Call {
    return this.call(wire).serverReads(by);
  }

  calls(by: Execution): Call {
    return this.call(this.connection(this.service, this.#api), 'GET /price').clientWrites(by).clientReads();
  }

  causeOf(call: Call): string | undefined {
    return this.span(call.clientSpanId)!.parentSpanId || undefined;
  }
}
