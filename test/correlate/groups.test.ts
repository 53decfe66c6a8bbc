import { describe, expect, it } from 'vitest';
import { Few } from '../../src/correlate/few.ts';
import { Groups } from '../../src/correlate/groups.ts';
import { Random } from './random.ts';

const a = { name: 'a' };
const b = { name: 'b' };
const c = { name: 'c' };

describe('a set of few', () => {
  it('holds each member once, in the order they came', () => {
    const few = new Few<object>();
    for (const member of [a, a, b, c, b]) few.add(member);
    expect([...few]).toEqual([a, b, c]);
    expect(few.size).toBe(3);
    expect(few.first).toBe(a);
  });

  it.each([3, 60, 200])('is what a set is, whatever of %i is added and taken out', (most) => {
    const random = new Random(5);
    const members = Array.from({ length: most }, (_, i) => i);
    const few = new Few<number>();
    const expected = new Set<number>();
    for (let i = 0; i < 20 * most; i++) {
      const member = random.pick(members);
      if (random.chance(0.7)) {
        few.add(member);
        expected.add(member);
      } else expect(few.delete(member)).toBe(expected.delete(member));
      expect(few.has(member)).toBe(expected.has(member));
      expect(few.size).toBe(expected.size);
      expect(few.first).toBe(expected.values().next().value);
    }
    expect([...few]).toEqual([...expected]);
    expect(few.toArray()).toEqual([...expected]);
    expect([...few.copy()]).toEqual([...expected]);
  });

  it('goes on after its first member has left', () => {
    const few = new Few<object>();
    few.add(a);
    expect(few.delete(a)).toBe(true);
    expect(few.delete(a)).toBe(false);
    expect([...few]).toEqual([]);
    few.add(b);
    few.add(c);
    few.delete(b);
    expect([...few]).toEqual([c]);
    expect(few.has(b)).toBe(false);
    expect(few.has(c)).toBe(true);
  });

  it('has no member after it was cleared', () => {
    const few = new Few<object>();
    for (const members of [[a], [a, b]]) {
      for (const member of members) few.add(member);
      few.clear();
      expect([few.size, few.first, [...few]]).toEqual([0, undefined, []]);
    }
  });

  it.each([[[]], [[a]], [[a, b]]])('is not changed by what is done to its copy: %j', (members) => {
    const few = new Few<object>();
    for (const member of members) few.add(member);
    const copy = few.copy();
    expect([...copy]).toEqual(members);
    copy.add(c);
    copy.delete(a);
    expect([...few]).toEqual(members);
    few.clear();
    expect(copy.has(c)).toBe(true);
  });
});

describe('groups', () => {
  it('are what a map of sets is, whatever is added and taken out', () => {
    const random = new Random(7);
    const groups = new Groups<number, object>();
    const expected = new Map<number, Set<object>>();
    const values = Array.from({ length: 5 }, (_, i) => ({ i }));
    for (let i = 0; i < 2000; i++) {
      const key = random.below(4);
      const value = values[random.below(values.length)]!;
      const set = expected.get(key) ?? new Set();
      if (random.chance(0.5)) {
        groups.add(key, value);
        expected.set(key, set.add(value));
      } else {
        expect(groups.delete(key, value)).toBe(set.delete(value));
        if (set.size === 0) expected.delete(key);
      }
      expect(groups.size).toBe(expected.size);
      for (const each of [0, 1, 2, 3]) {
        expect([...groups.of(each)]).toEqual([...(expected.get(each) ?? [])]);
        expect(groups.count(each)).toBe(expected.get(each)?.size ?? 0);
        expect(groups.first(each)).toBe([...(expected.get(each) ?? [])][0]);
      }
    }
  });
});
