import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECOND } from '../../src/collector/clock.ts';
import type { CorrelateOptions } from '../../src/correlate/options.ts';
import { scanTraces } from '../../src/otlp/traces-scan.ts';
import type { Activity } from '../../src/receiver/ebpf/exchange.ts';
import { checkConservation, checkEmission, checkTruth } from './check.ts';
import { Random, runs } from './random.ts';
import { type Input, Scene } from './scene.ts';
import { Shop } from './shop.ts';

const NO_LIMITS: Partial<CorrelateOptions> = {};
const FORCED: Partial<CorrelateOptions>[] = [
  { maxAge: 3 * SECOND },
  { decisionWait: SECOND, maxAge: 2 * SECOND, lateWindow: 3 * SECOND },
  { maxSpans: 25 },
  { maxBytes: 300 },
  { decisionWait: 0, lateWindow: 0 },
];

interface Played {
  readonly scene: Scene;
  readonly shop: Shop;
}

function everyShop(numRuns: number, check: (seed: number) => void): void {
  fc.assert(fc.property(fc.integer(), check), { numRuns: runs(numRuns) });
}

function play(seed: number, options: Partial<CorrelateOptions>, longestPause: number): Played {
  const random = new Random(seed);
  const scene = new Scene(options);
  const shop = new Shop(scene, random);
  shop.play(1 + random.below(15), longestPause);
  return { scene, shop };
}

/** Plays what happened once more, to another correlator, after `change` had its way with it. */
function replay(
  played: Played,
  options: Partial<CorrelateOptions>,
  change: (inputs: Input[]) => Input[],
): Scene {
  const scene = new Scene(options);
  for (const input of change([...played.scene.inputs])) {
    scene.clock.advanceTo(Math.max(scene.now, input.at));
    if ('body' in input) scene.receive(input.body, input.peer);
    else {
      scene.inputs.push(input);
      scene.correlator.captured(input.activities);
    }
  }
  return scene;
}

function finish(scene: Scene): void {
  scene.advance(400);
  scene.correlator.shutdown();
}

function sdkSpansIn(scene: Scene): number {
  return scene.inputs.reduce((sum, input) => sum + ('body' in input ? scanTraces(input.body).count : 0), 0);
}

/** Each exchange of which the request was told, once. */
function exchangesIn(scene: Scene): number {
  const begun = new Set<string>();
  for (const input of scene.inputs)
    for (const activity of activitiesOf(input))
      if (activity.type === 'request') {
        const { connection, side, position } = activity.exchange;
        begun.add(`${connection.isnLow} ${side} ${position}`);
      }
  return begun.size;
}

function activitiesOf(input: Input): readonly Activity[] {
  return 'activities' in input ? input.activities : [];
}

describe('whatever happens at the same time', () => {
  it('everything leaves once, under its true causes or none', () => {
    let linked = 0;
    everyShop(120, (seed) => {
      const { scene, shop } = play(seed, NO_LIMITS, 0.5);
      finish(scene);
      checkEmission(scene, shop);
      checkConservation(scene, sdkSpansIn(scene), exchangesIn(scene));
      checkTruth(scene, shop);
      linked += scene.spans.filter((span) => span.attributes['spanloom.link.evidence'] !== undefined).length;
    });
    expect(linked).toBeGreaterThan(1000);
  });

  it('the same leaves when it is drained all at once', () => {
    everyShop(60, (seed) => {
      const played = play(seed, NO_LIMITS, 0.5);
      const scene = replay(played, NO_LIMITS, drainedTogether);
      finish(scene);
      checkEmission(scene, played.shop);
      checkConservation(scene, sdkSpansIn(scene), exchangesIn(scene));
      checkTruth(scene, played.shop);
    });
  });
});

describe('whenever trees have to leave', () => {
  it.each(FORCED)('with %o', (options) => {
    everyShop(50, (seed) => {
      const { scene, shop } = play(seed, options, 6);
      finish(scene);
      checkEmission(scene, shop);
      checkTruth(scene, shop);
    });
  });

  it('at a shutdown in the middle of it', () => {
    everyShop(50, (seed) => {
      const played = play(seed, NO_LIMITS, 0.5);
      const scene = replay(played, NO_LIMITS, (inputs) =>
        inputs.slice(0, new Random(seed).below(inputs.length + 1)),
      );
      scene.correlator.shutdown();
      checkEmission(scene, played.shop);
      checkConservation(scene, sdkSpansIn(scene), exchangesIn(scene));
      checkTruth(scene, played.shop);
    });
  });

  it('and SDK spans come any time later', () => {
    everyShop(50, (seed) => {
      const played = play(seed, NO_LIMITS, 0.5);
      const random = new Random(seed);
      const scene = replay(played, NO_LIMITS, (inputs) =>
        inputs
          .map((input) =>
            'body' in input ? { ...input, at: input.at + random.next() * 30 * SECOND } : input,
          )
          .sort((a, b) => a.at - b.at),
      );
      finish(scene);
      checkEmission(scene, played.shop);
      checkConservation(scene, sdkSpansIn(scene), exchangesIn(scene));
      checkTruth(scene, played.shop);
    });
  });
});

describe('whatever is lost, doubled or out of order', () => {
  const CHANGES: [string, (random: Random) => (inputs: Input[]) => Input[]][] = [
    ['lost', (random) => (inputs) => inputs.filter(() => !random.chance(0.1))],
    ['doubled', (random) => (inputs) => inputs.flatMap((one) => (random.chance(0.2) ? [one, one] : [one]))],
    ['out of order', (random) => (inputs) => shuffledNearby(inputs, random)],
  ];
  it.each(CHANGES)('the rules of emission hold: %s', (_, change) => {
    everyShop(40, (seed) => {
      const random = new Random(seed);
      const options = random.pick([NO_LIMITS, ...FORCED]);
      const played = play(seed, NO_LIMITS, 2);
      const scene = replay(played, options, change(random));
      finish(scene);
      // What is remembered for too short a time can not be recognised when it comes again.
      if (options === NO_LIMITS) {
        checkEmission(scene, played.shop);
        checkConservation(scene, sdkSpansIn(scene), exchangesIn(scene));
      }
    });
  });
});

function drainedTogether(inputs: Input[]): Input[] {
  const drained: Input[] = [];
  let activities: Activity[] = [];
  let at = 0;
  const drain = () => {
    if (activities.length > 0) drained.push({ at, activities });
    activities = [];
  };
  for (const input of inputs) {
    at = input.at;
    if ('activities' in input) activities.push(...input.activities);
    else {
      drain();
      drained.push(input);
    }
  }
  drain();
  return drained;
}

function shuffledNearby(inputs: Input[], random: Random): Input[] {
  const shuffled = [...inputs];
  for (let i = 0; i + 1 < shuffled.length; i++)
    if (random.chance(0.3)) {
      const other = Math.min(shuffled.length - 1, i + 1 + random.below(5));
      [shuffled[i], shuffled[other]] = [shuffled[other]!, shuffled[i]!];
    }
  return shuffled;
}
