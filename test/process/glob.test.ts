import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from '../../src/receiver/ebpf/process/glob.ts';

const literally = (text: string) => text.replace(/[*?[\]{},\\!^-]/g, '\\$&');

describe('a glob', () => {
  it.each([
    ['*nginx*', '/usr/sbin/nginx', true],
    ['/usr/*/nginx', '/usr/local/sbin/nginx', true],
    ['nginx', '/usr/sbin/nginx', false],
    ['*http.server*', '-m http.server /a/../b', true],
    ['a.b', 'axb', false],
    ['a?b', 'a/b', true],
    ['a?b', 'ab', false],
    ['python3.[0-9]', 'python3.9', true],
    ['python3.[0-9]', 'python3.x', false],
    ['[!a-c]x', 'dx', true],
    ['[!a-c]x', 'bx', false],
    ['[]]', ']', true],
    ['[a-]', '-', true],
    ['{node,python{2,3}}', 'python3', true],
    ['{node,python{2,3}}', 'python', false],
    ['a{,b}c', 'ac', true],
    ['\\*', '*', true],
    ['\\*', 'x', false],
    ['*.js', 'a.js.js', true],
    ['*', '', true],
    ['*', 'two\nlines', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['😀?', '😀😀', true],
  ])('%j on %j is %j', (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected);
  });

  it('without special characters matches itself and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, other) => {
        const glob = compileGlob(literally(text));
        expect(glob(text)).toBe(true);
        expect(glob(other)).toBe(text === other);
      }),
    );
  });

  it('agrees with the regular expression that says the same', () => {
    const piece = fc.constantFrom('*', '?', 'a', 'b', '/', '.', '[ab]', '[!a]', '{a,bb}', '{*a,}');
    const regexes: Record<string, string> = {
      '*': '[^]*',
      '?': '[^]',
      '.': '\\.',
      '[!a]': '[^a]',
      '{a,bb}': '(?:a|bb)',
      '{*a,}': '(?:[^]*a|)',
    };
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '\n'), maxLength: 10 }),
        (pieces, text) => {
          const regex = new RegExp(`^${pieces.map((one) => regexes[one] ?? one).join('')}$`, 'u');
          expect(compileGlob(pieces.join(''))(text)).toBe(regex.test(text));
        },
      ),
    );
  });

  it('takes no longer for a text made to be hard', () => {
    const glob = compileGlob('*a*a*a*a*a*a*a*a*b');
    expect(glob('a'.repeat(20_000))).toBe(false);
  });

  it.each([
    ['[a', /bracket "\[" is not closed/],
    ['{a,b', /brace "\{" is not closed/],
    ['{a,b}'.repeat(30), /alternatives, more than 256/],
  ])('refuses %j with a sentence', (pattern, message) => {
    expect(() => compileGlob(pattern)).toThrow(message);
  });

  it('either compiles or refuses, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (pattern, text) => {
        try {
          expect(typeof compileGlob(pattern)(text)).toBe('boolean');
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
