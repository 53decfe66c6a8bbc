import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertValid, loadConfig } from '../../../src/collector/config/load.ts';
import { ConfigError } from '../../../src/collector/config/problem.ts';
import { parseYaml } from '../../../src/collector/config/yaml.ts';
import { builtinFactories } from '../../../src/components.ts';

const kinds = ['receivers', 'processors', 'exporters', 'extensions'] as const;
const types = kinds.flatMap((kind) => builtinFactories[kind].map(({ type }) => type));

/** Keys that mean something in some place, in places where they may not. */
const key = fc.oneof(
  fc.constantFrom(
    ...kinds,
    ...types,
    'connectors',
    'service',
    'pipelines',
    'telemetry',
    'logs',
    'level',
    'traces',
  ),
  fc.constantFrom(
    'protocols',
    'grpc',
    'http',
    'endpoint',
    'tls',
    'headers',
    'timeout',
    'instrument',
    '__proto__',
    '',
  ),
  fc.string({ maxLength: 5 }),
);
const tree = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom(null, true, '', '5s', 'localhost:4317', ...types),
    fc.oneof(fc.integer(), fc.double()),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('map'),
  ),
  map: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
}));
const map = tree.map as fc.Arbitrary<Record<string, unknown>>;

function mustLoadOrExplain(object: Record<string, unknown>): void {
  try {
    assertValid(loadConfig({ object }, builtinFactories));
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).problems).not.toEqual([]);
    expect((error as ConfigError).code).toMatch(/^SPANLOOM_CONFIG_[A-Z_]+$/);
  }
}

describe('any configuration', () => {
  it('is read, or refused with an explanation', () => {
    fc.assert(fc.property(map, mustLoadOrExplain), { numRuns: 300 });
  });

  it.each(kinds)('is read, or refused with an explanation, in the sections of all built-in %s', (kind) => {
    const bodies = fc.record(
      Object.fromEntries(builtinFactories[kind].map(({ type }) => [type, tree.value])),
    );
    fc.assert(
      fc.property(bodies, (bodies) => mustLoadOrExplain({ [kind]: bodies })),
      { numRuns: 300 },
    );
  });

  it('as text is read, or refused with file, line and column', () => {
    const text = fc.string({
      unit: fc.constantFrom(
        'a',
        ': ',
        '\n',
        '  ',
        '- ',
        '{',
        '}',
        '[',
        ']',
        '"',
        '&x ',
        '*x',
        '<<',
        ',',
        '|',
        '#',
        '\t',
      ),
    });
    fc.assert(
      fc.property(text, (text) => {
        try {
          parseYaml(text, 'x.yaml');
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          expect((error as ConfigError).message).toMatch(/^x\.yaml(:\d+:\d+)?: invalid YAML: /);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
