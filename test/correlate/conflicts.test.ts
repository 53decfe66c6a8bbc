import { describe, expect, it } from 'vitest';
import { EVIDENCE, type Evidence } from '../../src/correlate/link/rule.ts';
import { type Statement, weigh } from '../../src/correlate/link/weigh.ts';
import { ExchangeNode } from '../../src/correlate/node.ts';
import { Scene } from './scene.ts';

const scene = new Scene();
const app = scene.process('app');
const [a, b, c] = [1, 2, 3].map(
  () => new ExchangeNode(scene.request(scene.connection(scene.stranger('web'), app)).serverExchange!),
) as [ExchangeNode, ExchangeNode, ExchangeNode];

const says = (evidence: Evidence, causes: readonly ExchangeNode[], believed = true): Statement => ({
  evidence,
  causes,
  believed,
});

/** Who prevails where two kinds name different requests; of `nobody` the call stays without a link. */
const DISAGREE: readonly (readonly [Evidence, Evidence, 'first' | 'nobody'])[] = [
  ['forwarded_context', 'request_id', 'first'],
  ['forwarded_context', 'goroutine', 'first'],
  ['forwarded_context', 'asyncio', 'first'],
  ['forwarded_context', 'thread', 'first'],
  ['forwarded_context', 'response_writer', 'first'],
  ['forwarded_context', 'completion_wake', 'first'],
  ['forwarded_context', 'slice', 'first'],
  ['request_id', 'goroutine', 'first'],
  ['request_id', 'asyncio', 'first'],
  ['request_id', 'thread', 'first'],
  ['request_id', 'response_writer', 'first'],
  ['request_id', 'completion_wake', 'first'],
  ['request_id', 'slice', 'first'],
  ['goroutine', 'asyncio', 'first'],
  ['goroutine', 'thread', 'first'],
  ['goroutine', 'response_writer', 'first'],
  ['goroutine', 'completion_wake', 'first'],
  ['goroutine', 'slice', 'first'],
  ['asyncio', 'thread', 'first'],
  ['asyncio', 'response_writer', 'first'],
  ['asyncio', 'completion_wake', 'first'],
  ['asyncio', 'slice', 'first'],
  ['thread', 'response_writer', 'first'],
  ['thread', 'completion_wake', 'first'],
  ['thread', 'slice', 'first'],
  ['response_writer', 'completion_wake', 'nobody'],
  ['response_writer', 'slice', 'nobody'],
  ['completion_wake', 'slice', 'nobody'],
];

describe('evidence about one call', () => {
  it('is ordered in each pair that the table names, and every pair is in it', () => {
    const rules = EVIDENCE.filter((evidence) => evidence !== 'wire_context' && evidence !== 'sdk_span');
    const pairs = rules.flatMap((first, i) => rules.slice(i + 1).map((second) => `${first} ${second}`));
    expect(DISAGREE.map(([first, second]) => `${first} ${second}`)).toEqual(pairs);
  });

  describe.each(DISAGREE)('%s and %s', (first, second, prevails) => {
    it(`that name different requests: ${prevails}`, () => {
      for (const said of [
        [says(first, [a]), says(second, [b])],
        [says(second, [b]), says(first, [a])],
      ])
        expect(weigh(said)).toEqual(
          prevails === 'first' ? { cause: a, evidence: first } : { ambiguous: [a, b] },
        );
    });

    it('that name the same: the link rests on the stronger', () => {
      expect(weigh([says(second, [a]), says(first, [a])])).toEqual({ cause: a, evidence: first });
    });

    it('of which the stronger names several: the weaker chooses among them', () => {
      expect(weigh([says(first, [a, b]), says(second, [b])])).toEqual({ cause: b, evidence: second });
    });

    it('of which the stronger names several and the weaker another: ambiguous', () => {
      expect(weigh([says(first, [a, b]), says(second, [c])])).toEqual({ ambiguous: [a, b] });
    });

    it('that both name several: ambiguous among what is left', () => {
      expect(weigh([says(first, [a, b]), says(second, [b, c])])).toEqual({ ambiguous: [b] });
      expect(weigh([says(first, [a, b]), says(second, [c])])).toEqual({ ambiguous: [a, b] });
    });
  });

  it('that guesses and is not believed links nothing, unless another guess agrees', () => {
    expect(weigh([says('completion_wake', [a], false)])).toEqual({ unbelieved: a });
    expect(weigh([says('completion_wake', [a], false), says('slice', [a], false)])).toEqual({
      cause: a,
      evidence: 'completion_wake',
    });
  });

  it('that guesses chooses only among what was left when the call was made', () => {
    expect(weigh([says('completion_wake', [c])], [a, b])).toEqual({ ambiguous: [a, b] });
    expect(weigh([says('completion_wake', [a])], [a, b])).toEqual({ cause: a, evidence: 'completion_wake' });
  });

  it('that is missing decides nothing', () => {
    expect(weigh([])).toBeUndefined();
  });
});
