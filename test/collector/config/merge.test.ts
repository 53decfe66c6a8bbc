import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isConfigMap, merge } from '../../../src/collector/config/merge.ts';
import { resolveConfig } from '../../../src/collector/config/resolve.ts';

function resolve(config: string[], set: string[] = []): unknown {
  return resolveConfig({ locations: config.map((text) => `yaml:${text}`), set, env: {} }).value;
}

function own(map: Record<string, unknown>, key: string): unknown {
  return Object.getOwnPropertyDescriptor(map, key)?.value;
}

const tree = fc.letrec((tie) => ({
  map: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('value'), { maxKeys: 3 }),
  value: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc.constant(null),
    fc.array(fc.nat(), { maxLength: 2 }),
    tie('map'),
  ),
}));
const map = tree.map as fc.Arbitrary<Record<string, unknown>>;

describe('several configurations', () => {
  it('are merged key by key; lists are replaced', () => {
    expect(resolve(['{a: {x: 1, l: [1, 2]}}', '{a: {y: 2, l: [3]}}'])).toEqual({ a: { x: 1, y: 2, l: [3] } });
  });

  it('lose a whole section to a key without value', () => {
    expect(resolve(['{processors: {batch: {}}}', '{processors: }'])).toEqual({ processors: null });
  });

  it('take keys apart at ::', () => {
    expect(resolve(['{a: {b: {c: 1}}}', 'a::b::d: 2'])).toEqual({ a: { b: { c: 1, d: 2 } } });
  });

  it('give way to --set, whatever the order of flags', () => {
    expect(
      resolve(['{a: {b: 1, c: [1]}}'], ['a.b=2s', 'a.c=[2, 3]', `a.d={e: "\${env:X:-7}"}`]),
    ).toMatchObject({
      a: { b: '2s', c: [2, 3], d: { e: { value: 7 } } },
    });
  });

  it.each([
    ['a.b', 'missing equal sign'],
    ['a.b=[', 'invalid YAML'],
  ])('--set %s is an error', (argument, message) => {
    expect(() => resolve(['{}'], [argument])).toThrow(message);
  });

  it('must be maps', () => {
    expect(() => resolve(['[1]'])).toThrow('cannot be used as a Conf');
  });

  it('can not be none', () => {
    expect(() => resolve([])).toThrow('at least one config flag must be provided');
  });
});

describe('merge', () => {
  it('has every value of the later configuration, and of the earlier one what the later does not speak of', () => {
    fc.assert(
      fc.property(map, map, (a, b) => {
        const merged = merge(a, b);
        expect(Object.keys(merged).sort()).toEqual(
          [...new Set([...Object.keys(a), ...Object.keys(b)])].sort(),
        );
        for (const [key, value] of Object.entries(merged)) {
          const [before, after] = [own(a, key), own(b, key)];
          if (!Object.hasOwn(b, key)) expect(value).toBe(before);
          else if (isConfigMap(before) && isConfigMap(after)) expect(value).toEqual(merge(before, after));
          else expect(value).toBe(after);
        }
      }),
    );
  });

  it('changes nothing where both are the same, or one is empty', () => {
    fc.assert(
      fc.property(map, (a) => {
        expect(merge(a, a)).toEqual(a);
        expect(merge(a, {})).toEqual(a);
        expect(merge({}, a)).toEqual(a);
      }),
    );
  });

  it('keeps its arguments and the prototypes of maps untouched', () => {
    fc.assert(
      fc.property(map, map, (a, b) => {
        const before = JSON.stringify([a, b]);
        merge(a, b);
        expect(JSON.stringify([a, b])).toBe(before);
        expect(({} as Record<string, unknown>).a).toBeUndefined();
      }),
    );
  });
});
