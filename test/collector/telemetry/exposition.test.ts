import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposition } from '../../../src/collector/telemetry/exposition.ts';
import { readExposition } from './read-exposition.ts';

describe('exposition', () => {
  it('writes families by name, with help, type and sorted labels', () => {
    const text = exposition([
      { name: 'b', kind: 'gauge', help: undefined, series: [{ labels: {}, value: 1.5 }] },
      {
        name: 'a',
        kind: 'counter',
        help: 'Says\nmore \\ "less".',
        series: [
          { labels: { to: 'x', 'at.once': 'y' }, value: 1 },
          { labels: {}, value: Number.POSITIVE_INFINITY },
        ],
      },
    ]);
    expect(text).toBe(
      '# HELP a Says\\nmore \\\\ "less".\n# TYPE a counter\na{at_once="y",to="x"} 1\na +Inf\n# TYPE b gauge\nb 1.5\n',
    );
  });

  it('writes any label, help and value so that they are read again', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    const hard = fc.oneof(text, fc.constantFrom('"', '\\', '\n', '\\n', 'a",b="c', '} 1', '\r\n', ''));
    fc.assert(
      fc.property(
        hard,
        fc.uniqueArray(fc.tuple(hard, hard), {
          selector: (pair) => pair.join('\0'),
          minLength: 1,
          maxLength: 4,
        }),
        // Minus zero is written as zero.
        fc.double().map((value) => value + 0),
        (help, pairs, value) => {
          const series = pairs.map(([a, b]) => ({ labels: { a, b }, value }));
          const family = readExposition(exposition([{ name: 'm', kind: 'gauge', help, series }])).get('m');
          expect(family).toEqual({ type: 'gauge', help, samples: series });
        },
      ),
    );
  });
});
