import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../../src/collector/component.ts';
import { countItems } from '../../../src/otlp/count-items.ts';
import { WireWriter } from '../../../src/otlp/wire/writer.ts';
import { split } from '../../../src/processor/batch/split.ts';

type Field = readonly [number: number, value: Uint8Array | string | readonly Field[]];

function message(fields: readonly Field[]): Uint8Array {
  const writer = new WireWriter();
  for (const [number, value] of fields) {
    const bytes =
      typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? value : message(value);
    writer.field((number << 3) | 2, bytes);
  }
  return writer.copy();
}

const UNKNOWN = 1000;

/** Items named by their texts, in resources and scopes that have names too. */
function request(signal: Signal, resources: readonly (readonly (readonly string[])[])[]): Uint8Array {
  const item: Record<Signal, (name: string) => Field> = {
    traces: (name) => [2, [[5, name]]],
    logs: (name) => [2, [[3, name]]],
    metrics: (name) => [1, [[UNKNOWN, name]]],
  };
  return message(
    resources.map((scopes, r): Field => {
      const scopeFields = scopes.map((names, s): Field => {
        const items = names.map((name) => item[signal](name));
        const inside: Field[] =
          signal === 'metrics'
            ? [
                [
                  2,
                  [
                    [1, `metric ${r}.${s}`],
                    [7, items],
                  ],
                ],
              ]
            : items;
        return [2, [[1, [[1, `scope ${r}.${s}`]]], ...inside, [UNKNOWN, `unknown ${r}.${s}`]]];
      });
      return [1, [[1, [[UNKNOWN, `resource ${r}`]]], ...scopeFields, [3, `schema ${r}`]]];
    }),
  );
}

const names = fc.array(
  fc.array(fc.array(fc.stringMatching(/^<[a-z]{1,5}>$/), { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 3,
  }),
  { minLength: 1, maxLength: 3 },
);

describe.each<Signal>(['traces', 'metrics', 'logs'])('split of %s', (signal) => {
  it('gives pieces of at most max items, all items in order', () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 7 }), (resources, max) => {
        const pieces = split(signal, request(signal, resources), max);
        const all = resources.flat(2);
        expect(pieces.map(({ itemCount }) => itemCount)).toEqual(
          Array.from({ length: Math.ceil(all.length / max) }, (_, i) => Math.min(max, all.length - i * max)),
        );
        for (const { body, itemCount } of pieces) expect(countItems(signal, body)).toBe(itemCount);
        const text = pieces.map(({ body }) => Buffer.from(body).toString('latin1')).join('');
        expect(text.match(/<[a-z]+>/g)).toEqual(all);
      }),
    );
  });

  it('keeps what stands around an item, in every piece', () => {
    const pieces = split(signal, request(signal, [[['<a>']], [['<b>', '<c>']]]), 1);
    const around = (r: number) => ['resource', 'schema', 'scope', 'unknown'].map((what) => `${what} ${r}`);
    const texts = pieces.map(({ body }) => Buffer.from(body).toString('latin1'));
    expect(texts).toHaveLength(3);
    for (const part of around(0)) expect(texts[0]).toContain(part);
    for (const part of around(1)) for (const text of texts.slice(1)) expect(text).toContain(part);
    expect(texts[1]).not.toContain('resource 0');
  });

  it('keeps neighbours in one resource and scope', () => {
    const whole = request(signal, [[['<a>', '<b>'], ['<c>']]]);
    const [piece] = split(signal, whole, 3);
    const count = (bytes: Uint8Array, text: string) =>
      Buffer.from(bytes).toString('latin1').split(text).length - 1;
    for (const text of ['resource', 'scope', 'metric'])
      expect(count(piece!.body, text)).toBe(count(whole, text));
  });
});
