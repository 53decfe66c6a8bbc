import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { includesPort, parsePortList } from '../../src/receiver/ebpf/process/port-list.ts';

describe('the list of ports', () => {
  it('holds exactly the ports that its entries name', () => {
    const entry = fc
      .tuple(fc.integer({ min: 1, max: 65535 }), fc.integer({ min: 0, max: 3000 }))
      .map(([low, more]) => [low, Math.min(65535, low + more)] as const);
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 6 }), fc.nat(65535), (entries, port) => {
        const text = entries.map(([low, high]) => (low === high ? `${low}` : ` ${low} - ${high}`)).join(',');
        const list = parsePortList(text);
        const expected = entries.some(([low, high]) => low <= port && port <= high);
        expect(includesPort(list, port)).toBe(expected);
        for (const [low, high] of entries) {
          expect(includesPort(list, low)).toBe(true);
          expect(includesPort(list, high)).toBe(true);
        }
      }),
    );
  });

  it('takes a number as one port', () => {
    expect(parsePortList(8080)).toEqual([[8080, 8080]]);
  });

  it.each([
    ['80,http', 'entry 2 ("http") of "80,http" is neither a port like "80" nor a range like "8000-8100"'],
    ['', 'entry 1 ("") of "" is neither a port like "80" nor a range like "8000-8100"'],
    ['80,', 'entry 2 ("") of "80," is neither a port like "80" nor a range like "8000-8100"'],
    ['-80', 'entry 1 ("-80") of "-80" is neither a port like "80" nor a range like "8000-8100"'],
    ['8100-8000', 'entry 1 ("8100-8000") of "8100-8000" ends before it begins: write the lower port first'],
    ['0', 'entry 1 ("0") of "0" is outside of the ports 1 to 65535'],
    ['1-70000', 'entry 1 ("1-70000") of "1-70000" is outside of the ports 1 to 65535'],
    ['80.5', 'entry 1 ("80.5") of "80.5" is neither a port like "80" nor a range like "8000-8100"'],
  ])('says what is wrong with %j, and where', (text, message) => {
    expect(() => parsePortList(text)).toThrow(new RangeError(message));
  });

  it('either understands a text or says what is wrong with it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d,\- ]{0,20}$/)), (text) => {
        try {
          for (const [low, high] of parsePortList(text))
            expect(1 <= low && low <= high && high <= 65535).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
