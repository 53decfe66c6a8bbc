import { type Nanos, SECOND } from '../../src/collector/clock.ts';
import type { CorrelateOptions, RendezvousOptions } from '../../src/correlate/options.ts';
import { MeetingPlace, MemoryRendezvous } from '../../src/correlate/rendezvous/memory.ts';
import type { Rendezvous } from '../../src/correlate/rendezvous/rendezvous.ts';
import { httpRequest, type Said } from './facts.ts';
import { type Call, Scene } from './scene.ts';
import { show } from './show.ts';
import type { Wire } from './wire.ts';

const STEP: Nanos = 100e6;
const CLOCKS_DIFFER: Nanos = 200e6;

const RENDEZVOUS: RendezvousOptions = {
  wait: 30 * SECOND,
  ttl: 60 * SECOND,
  store: { kind: 'memory', maxEntries: 1000 },
};

/** A call between hosts, at its two ends. */
export interface FarCall {
  readonly client: Call;
  readonly server: Call;
}

/** Pipelines on hosts whose clocks differ, which meet in memory. */
export class Hosts {
  readonly place = new MeetingPlace();
  readonly scenes: readonly Scene[];

  constructor(
    count: number,
    changes: Partial<CorrelateOptions> = {},
    through: (store: Rendezvous) => Rendezvous = (store) => store,
  ) {
    this.scenes = Array.from({ length: count }, (_, i) => {
      const scene = new Scene({ rendezvous: RENDEZVOUS, ...changes }, undefined, {
        numbersFrom: 1000 * i,
        meet: ({ clock, counters, options }) =>
          through(
            new MemoryRendezvous({
              place: this.place,
              clock,
              promiseTtl: options.maxAge,
              ttl: RENDEZVOUS.ttl,
              maxEntries: 1000,
              evicted: counters.counter('evicted'),
            }),
          ),
      });
      scene.clock.advanceTo(i * CLOCKS_DIFFER);
      return scene;
    });
  }

  /** The caller's host writes, the callee's reads. */
  request(from: Scene, to: Scene, wire: Wire, said: Said = httpRequest('GET /')): FarCall {
    const { position } = wire;
    const client = from.call(wire, said).clientWrites();
    wire.position = position;
    return { client, server: to.call(wire, said).serverReads() };
  }

  respond({ client, server }: FarCall): void {
    server.serverWrites();
    client.clientReads();
  }

  exchange(from: Scene, to: Scene, wire: Wire, said?: Said): FarCall {
    const call = this.request(from, to, wire, said);
    this.respond(call);
    return call;
  }

  /** Time passes on all hosts. */
  advance(seconds: number): void {
    for (let passed = 0; passed < seconds * SECOND; passed += STEP)
      for (const scene of this.scenes) scene.advance(STEP / SECOND);
  }

  /** Time passes on all hosts, up to this of the first one's. */
  advanceTo(time: Nanos): void {
    const [first] = this.scenes;
    while (first!.now < time) {
      const step = Math.min(STEP, time - first!.now);
      for (const scene of this.scenes) scene.clock.advanceTo(scene.now + step);
    }
  }

  /** What all pipelines have released, as one backend shows it. */
  tree(): string[] {
    return show(this.scenes.flatMap((scene) => scene.spans));
  }

  settle(): string[] {
    this.advance(15);
    return this.tree();
  }

  traceIds(): string[] {
    return [...new Set(this.scenes.flatMap((scene) => scene.traceIds()))];
  }

  /** Questions after callers, by what became of them, on all hosts. */
  answers(outcome: string): number {
    return this.scenes.reduce((sum, scene) => sum + scene.count('rendezvous_answers', { outcome }), 0);
  }
}
