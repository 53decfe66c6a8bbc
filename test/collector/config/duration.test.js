import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { duration, parseDuration } from '../../../src/collector/config/duration.js';

describe('parseDuration', () => {
  it.each([
    ['300ms', 300e6],
    ['2h45m', 9900e9],
    ['1.5h', 5400e9],
    ['-1.5s', -1.5e9],
    ['+5s', 5e9],
    ['.5s', 0.5e9],
    ['1us', 1e3],
    ['1µs', 1e3],
    ['1μs', 1e3],
    ['7ns', 7],
    ['1h1m1s1ms1us1ns', 3661001001001],
    ['0', 0],
    ['-0', 0],
    ['0.1s', 100e6],
    ['1.0000001s', 1000000100],
  ])('reads %s', (text, nanos) => {
    expect(parseDuration(text)).toBe(nanos);
  });
  it.each([
    ['', 'time: invalid duration ""'],
    ['abc', 'time: invalid duration "abc"'],
    ['.s', 'time: invalid duration ".s"'],
    ['-', 'time: invalid duration "-"'],
    ['3', 'time: missing unit in duration "3"'],
    ['1h3', 'time: missing unit in duration "1h3"'],
    ['3d', 'time: unknown unit "d" in duration "3d"'],
    ['3 s', 'time: unknown unit " s" in duration "3 s"'],
    ['1constructor', 'time: unknown unit "constructor" in duration "1constructor"'],
    ['9999999999h', 'time: invalid duration "9999999999h"'],
  ])('rejects %j as Go does', (text, message) => {
    expect(() => parseDuration(text)).toThrow(message);
  });
  it('adds up the units', () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(59), fc.nat(59), fc.nat(999), (h, m, s, ms) => {
        expect(parseDuration(`${h}h${m}m${s}s${ms}ms`)).toBe(((h * 60 + m) * 60 + s) * 1e9 + ms * 1e6);
      }),
    );
  });
  it('throws nothing but SyntaxError, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (text) => {
        try {
          expect(Number.isInteger(parseDuration(text))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(SyntaxError);
        }
      }),
    );
  });
});
describe('duration', () => {
  const schema = z.strictObject({ timeout: duration('200ms') });
  it('falls back to its default, read in the same syntax', () => {
    expect(schema.parse({})).toEqual({ timeout: 200e6 });
  });
  it('takes a bare integer as nanoseconds', () => {
    expect(schema.parse({ timeout: 5 })).toEqual({ timeout: 5 });
  });
  it.each([[true], [1.5], [{}], [['1s']]])('rejects %j', (timeout) => {
    expect(schema.safeParse({ timeout }).error?.issues).toMatchObject([
      { code: 'invalid_type', expected: 'duration', path: ['timeout'] },
    ]);
  });
});
