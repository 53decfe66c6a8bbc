import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../src/collector/clock.ts';
import type { CorrelateOptions } from '../../src/correlate/options.ts';
import type { Answer, Rendezvous } from '../../src/correlate/rendezvous/rendezvous.ts';
import type { Peer } from '../../src/otlp/batch.ts';
import type { Activity } from '../../src/receiver/ebpf/exchange.ts';
import { linksOf } from '../support/links.ts';
import type { Span } from '../support/otlp-json.ts';
import { checkConservation, checkEmission, checkTruth } from './check.ts';
import { Random, runs } from './random.ts';
import { type Input, Scene } from './scene.ts';
import { Shop } from './shop.ts';
import { Hosts } from './two-hosts.ts';

/** What happened in one shop, seen by a pipeline for each of the hosts its services are spread over. */
class SpreadShop {
  readonly scene = new Scene();
  readonly shop: Shop;
  readonly hosts: Hosts;
  readonly #random: Random;
  readonly #hostOf = new Map<number, number>();

  constructor(
    seed: number,
    options: Partial<CorrelateOptions>,
    through?: (store: Rendezvous, random: Random) => Rendezvous,
  ) {
    const random = new Random(seed);
    this.#random = random;
    this.shop = new Shop(this.scene, random);
    this.shop.play(1 + random.below(15), 0.5);
    this.hosts = new Hosts(2 + random.below(2), options, through && ((store) => through(store, random)));
  }

  /** Plays it on the hosts. */
  play(inputs: readonly Input[] = this.scene.inputs): void {
    const { scenes } = this.hosts;
    for (const input of inputs) {
      this.hosts.advanceTo(input.at);
      if ('body' in input) scenes[this.#deliveredTo(input)]!.receive(input.body, input.peer);
      else
        for (const [host, scene] of scenes.entries()) {
          const own = input.activities.filter((activity) => this.#host(pidOf(activity)) === host);
          if (own.length === 0) continue;
          scene.inputs.push({ at: input.at, activities: own });
          scene.correlator.captured(own);
        }
    }
  }

  /** All spans, as one backend has them. */
  get all(): Scene {
    const { scenes } = this.hosts;
    return {
      spans: scenes.flatMap((scene) => scene.spans),
      clock: this.scene.clock,
      count: (...args: Parameters<Scene['count']>) =>
        scenes.reduce((sum, scene) => sum + scene.count(...args), 0),
    } as unknown as Scene;
  }

  end(): void {
    this.hosts.advance(120);
    for (const { correlator } of this.hosts.scenes) correlator.shutdown();
  }

  get exchanges(): number {
    return this.scene.inputs
      .flatMap((input) => ('activities' in input ? input.activities : []))
      .filter(({ type }) => type === 'request').length;
  }

  #host(pid: number): number {
    let host = this.#hostOf.get(pid);
    if (host === undefined) {
      host = this.#random.below(this.hosts.scenes.length);
      this.#hostOf.set(pid, host);
    }
    return host;
  }

  /** Some SDKs export to another host than their own. */
  #deliveredTo({ peer }: { readonly peer: Peer | undefined }): number {
    return peer ? this.#host(peer.port - 20_000 + 1000) : 0;
  }
}

function pidOf(activity: Activity): number {
  if ('process' in activity) return activity.process.facts.pid;
  if ('exchange' in activity) return activity.exchange.process.facts.pid;
  return ('thread' in activity ? activity.thread : activity.context).process.facts.pid;
}

/** Answers late, wrongly that it knows nothing, or never; and takes some things not. */
function unreliable(store: Rendezvous, random: Random): Rendezvous {
  const late: (() => void)[] = [];
  return {
    open: () => store.open(),
    promise: (name) => {
      if (random.chance(0.9)) store.promise(name);
    },
    decide: (name, parent) => {
      if (random.chance(0.9)) store.decide(name, parent);
    },
    ask: (names, answered) => {
      for (const answer of late.splice(0)) answer();
      store.ask(names, (name, said) => {
        const answer: Answer = random.chance(0.1) ? 'unavailable' : said;
        if (random.chance(0.4)) late.push(() => answered(name, answer));
        else if (random.chance(0.95)) answered(name, answer);
      });
    },
    close: () => store.close(),
  };
}

function onOneHost(
  inputs: readonly (Input & { readonly activities: readonly Activity[] })[],
): readonly Span[] {
  const scene = new Scene();
  for (const { at, activities } of inputs) {
    scene.clock.advanceTo(at);
    scene.correlator.captured(activities);
    scene.inputs.push({ at, activities });
  }
  scene.advance(120);
  return scene.spans;
}

/**
 * What hangs under what, and what is one trace. Ids of traces can differ: one that a header names far below is known where the
 * root is only on one host, so that what hangs under a span that nobody shows is a trace of its own here.
 */
function shapeOf(spans: readonly Span[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const rootOf = (span: Span): Span => {
    const parent = byId.get(span.parentSpanId);
    return parent ? rootOf(parent) : span;
  };
  const names = new Map<string, string>();
  for (const { traceId, spanId, parentSpanId } of spans) {
    if (parentSpanId !== '') continue;
    const name = names.get(traceId);
    if (name === undefined || spanId < name) names.set(traceId, spanId);
  }
  return linksOf(
    spans.map((span) => {
      const root = rootOf(span);
      const name = (root.parentSpanId === '' && names.get(root.traceId)) || root.spanId;
      return { ...span, traceId: span.traceId === root.traceId ? name : `not that of ${name}` };
    }),
  );
}

const OPTIONS: Partial<CorrelateOptions>[] = [
  {},
  { overlap: 'nest' },
  { decisionWait: SECOND, maxAge: 2 * SECOND, lateWindow: 3 * SECOND },
  { maxSpans: 25 },
];

function everyShop(numRuns: number, check: (seed: number) => void): void {
  fc.assert(fc.property(fc.integer(), check), { numRuns: runs(numRuns) });
}

describe('whatever happens at the same time on several hosts', () => {
  it('becomes what it becomes on one host, where nothing fails and no SDK is about', () => {
    let met = 0;
    everyShop(60, (seed) => {
      const spread = new SpreadShop(seed, {});
      const inputs = spread.scene.inputs.filter((input) => 'activities' in input);
      spread.play(inputs);
      spread.end();
      expect(shapeOf(spread.all.spans)).toEqual(shapeOf(onOneHost(inputs)));
      expect(spread.hosts.answers('undecided')).toBe(0);
      met += spread.hosts.answers('decided');
    });
    expect(met).toBeGreaterThan(100);
  });

  it.each(OPTIONS)('leaves once, under its true causes or none: %o', (options) => {
    everyShop(40, (seed) => {
      const spread = new SpreadShop(seed, options);
      spread.play();
      spread.end();
      checkEmission(spread.all, spread.shop);
      checkTruth(spread.all, spread.shop);
      if (Object.keys(options).length === 0)
        checkConservation(spread.all, spread.shop.spans.length, spread.exchanges);
    });
  });

  it.each(OPTIONS)('does so where the rendezvous fails now and then: %o', (options) => {
    everyShop(40, (seed) => {
      const spread = new SpreadShop(seed, options, unreliable);
      spread.play();
      spread.end();
      checkEmission(spread.all, spread.shop);
      checkTruth(spread.all, spread.shop);
    });
  });
});
