import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../../src/collector/config/yaml.ts';

const value = (text: string) => (parseYaml(`v: ${text}`, 'x.yaml').value as { v: unknown }).v;

describe('YAML as Go reads it', () => {
  it.each<[string, unknown]>([
    ['yes', 'yes'],
    ['no', 'no'],
    ['on', 'on'],
    ['true', true],
    ['False', false],
    ['0123', 83],
    ['0o17', 15],
    ['0x1F', 31],
    ['0b101', 5],
    ['1_000', 1000],
    ['-5', -5],
    ['0', 0],
    ['09', 9],
    ['"0123"', '0123'],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['~', null],
    ['', null],
    ['2001-01-01', '2001-01-01'],
    ['12:30:45', '12:30:45'],
    ['localhost:4317', 'localhost:4317'],
  ])('%s is %j', (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it('merges <<, one map or several', () => {
    const text = 'a: &a {p: 1, q: 1}\nb: &b {q: 2}\nc:\n  <<: [*b, *a]\n  r: 3\nd: {<<: *a, p: 4}\n';
    expect(parseYaml(text, 'x.yaml').value).toMatchObject({ c: { p: 1, q: 2, r: 3 }, d: { p: 4, q: 1 } });
  });

  it.each([
    ['a: 1\na: 2', 'x.yaml:2:1: invalid YAML: Map keys must be unique'],
    ['a: [1', 'x.yaml:1:6: invalid YAML'],
    ['a: b: c', 'x.yaml:1:4: invalid YAML'],
    ['a: *nope', 'invalid YAML: Unresolved alias'],
  ])('%j is an error with line and column', (text, message) => {
    expect(() => parseYaml(text, 'x.yaml')).toThrow(message);
  });

  it('reads the first document only', () => {
    expect(parseYaml('---\na: 1\n---\nb: 2\n', 'x.yaml').value).toEqual({ a: 1 });
  });

  it('knows where each key stands, through anchors and merges', () => {
    const { positions } = parseYaml('a: &a\n  p: 1\n  q: 2\nb:\n  <<: *a\n  p: 3\nl:\n  - x\n', 'x.yaml');
    const at = (path: string) => {
      const position = positions.get(path);
      return position && `${position.line}:${position.column}`;
    };
    expect(['a', 'a::p', 'b', 'b::p', 'b::q', 'l::0'].map(at)).toEqual([
      '1:1',
      '2:3',
      '4:1',
      '6:3',
      '3:3',
      '8:5',
    ]);
  });

  it('is not led to other prototypes', () => {
    const { value } = parseYaml('__proto__: {polluted: true}\n', 'x.yaml');
    expect(Object.hasOwn(value as object, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
