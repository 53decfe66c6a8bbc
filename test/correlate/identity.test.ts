import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spanIdOf, traceIdOf } from '../../src/correlate/identity.ts';
import type { Exchange } from '../../src/receiver/ebpf/exchange.ts';

interface Name {
  readonly isnLow: number;
  readonly isnHigh: number;
  readonly position: number;
  readonly side: 'client' | 'server';
}

const NAME: Name = { isnLow: 1, isnHigh: 2, position: 3, side: 'client' };

function exchange({ isnLow, isnHigh, position, side }: Name): Exchange {
  return { connection: { isnLow, isnHigh, side }, position, side } as Exchange;
}

describe('the ids of an exchange', () => {
  it.each<[string, Partial<Name>]>([
    ['lower number of the connection', { isnLow: 0 }],
    ['higher number of the connection', { isnHigh: 3 }],
    ['position', { position: 4 }],
    ['position beyond 4 GiB', { position: 3 + 2 ** 32 }],
    ['side', { side: 'server' }],
  ])('depend on the %s', (_, change) => {
    const other = exchange({ ...NAME, ...change });
    expect(spanIdOf(other)).not.toBe(spanIdOf(exchange(NAME)));
    expect(traceIdOf(other)).not.toBe(traceIdOf(exchange(NAME)));
  });

  it('are the same for the same name, well formed and never all zero', () => {
    const word = fc.nat(2 ** 32 - 1);
    const names = fc.record({
      isnLow: word,
      isnHigh: word,
      position: fc.nat(Number.MAX_SAFE_INTEGER),
      side: fc.constantFrom('client' as const, 'server' as const),
    });
    fc.assert(
      fc.property(names, (name) => {
        const [span, trace] = [spanIdOf(exchange(name)), traceIdOf(exchange(name))];
        expect([span, trace]).toEqual([spanIdOf(exchange({ ...name })), traceIdOf(exchange({ ...name }))]);
        expect(span).toMatch(/^(?!0+$)[0-9a-f]{16}$/);
        expect(trace).toMatch(/^(?!0+$)[0-9a-f]{32}$/);
        expect(trace).not.toContain(span);
      }),
    );
  });
});
