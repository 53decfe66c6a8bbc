import { describe, expect, it } from 'vitest';
import { type InLine, Line } from '../../src/correlate/line.ts';

class Item implements InLine<Item> {
  line: object | undefined = undefined;
  before: Item | undefined = undefined;
  after: Item | undefined = undefined;

  constructor(readonly name: string) {}
}

function lineOf(names: string): { line: Line<Item>; items: Item[] } {
  const line = new Line<Item>();
  const items = [...names].map((name) => new Item(name));
  for (const item of items) line.add(item);
  return { line, items };
}

const names = (line: Line<Item>) => [...line].map(({ name }) => name).join('');

describe('a line', () => {
  it('has its items in the order they came, each once', () => {
    const { line, items } = lineOf('abc');
    line.add(items[0]!);
    expect(names(line)).toBe('abc');
    expect(line.first).toBe(items[0]);
  });

  it.each([
    [0, 'bc'],
    [1, 'ac'],
    [2, 'ab'],
  ])('closes up where number %i is taken out, which comes in again at its end', (i, left) => {
    const { line, items } = lineOf('abc');
    line.delete(items[i]!);
    line.delete(items[i]!);
    expect(names(line)).toBe(left);
    line.add(items[i]!);
    expect(names(line)).toBe(left + items[i]!.name);
  });

  it('leaves alone what stands in another', () => {
    const { line, items } = lineOf('ab');
    const other = lineOf('c');
    other.line.delete(items[0]!);
    expect(names(line)).toBe('ab');
    line.delete(items[0]!);
    other.line.add(items[0]!);
    expect([names(line), names(other.line)]).toEqual(['b', 'ca']);
  });

  it('is empty once all have left', () => {
    const { line, items } = lineOf('ab');
    for (const item of items) line.delete(item);
    expect(line.first).toBeUndefined();
    line.add(items[1]!);
    expect(names(line)).toBe('b');
  });
});
