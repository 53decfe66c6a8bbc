import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../src/receiver/ebpf/capture/addresses.ts';

/** Node's own parser and serialiser of IPv6 addresses, which follow RFC 5952. */
const canonical = (bytes: Uint8Array) => {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16));
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
};

describe('an address', () => {
  it.each([
    ['::', Array(16).fill(0)],
    ['::1', [...Array(15).fill(0), 1]],
    ['127.0.0.1', [...Array(10).fill(0), 0xff, 0xff, 127, 0, 0, 1]],
    ['2001:db8::1:0:0:1', [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]],
    ['fe80:0:1::', [0xfe, 0x80, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['1:0:2:3:4:5:6:7', [0, 1, 0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7]],
  ])('is written as %s', (text, bytes) => {
    expect(formatAddress(Uint8Array.from([9, ...(bytes as number[])]), 1)).toBe(text);
  });

  it('is written as RFC 5952 says', () => {
    const sparse = fc.array(fc.oneof(fc.constant(0), fc.constant(0), fc.nat(255)), {
      minLength: 16,
      maxLength: 16,
    });
    fc.assert(
      fc.property(sparse, (numbers) => {
        const bytes = Uint8Array.from(numbers);
        const text = formatAddress(bytes, 0);
        if (isIP(text) === 6) expect(text).toBe(canonical(bytes));
        else expect(text).toBe(bytes.subarray(12).join('.'));
      }),
    );
  });
});
