import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtinFactories } from '../../src/components.ts';
import { testComponentContract } from '../support/component-contract.ts';

const directory = mkdtempSync(join(tmpdir(), 'spanloom-'));
const anyPort = { endpoint: '127.0.0.1:0' };
/** Nobody listens there: what the contract sends is empty. */
const nobody = '127.0.0.1:9';

/** A section for each built-in component that can run anywhere. */
const sections: Record<string, Record<string, () => unknown>> = {
  receiver: { otlp: () => ({ protocols: { grpc: anyPort, http: anyPort } }) },
  processor: {
    batch: () => ({}),
    correlate: () => ({}),
    memory_limiter: () => ({ check_interval: '1s', limit_mib: 4000 }),
  },
  exporter: {
    nop: () => ({}),
    debug: () => ({ output_paths: [join(directory, 'debug.txt')] }),
    file: () => ({ path: join(directory, 'file.json') }),
    otlp_grpc: () => ({ endpoint: nobody, tls: { insecure: true } }),
    otlp_http: () => ({ endpoint: `http://${nobody}` }),
  },
};

/** Components that need the kernel or a recording have tests of their own. */
const ELSEWHERE = ['receiver ebpf'];

const kinds = [
  ['receiver', builtinFactories.receivers],
  ['processor', builtinFactories.processors],
  ['exporter', builtinFactories.exporters],
] as const;

for (const [kind, factories] of kinds)
  for (const factory of factories) {
    const section = sections[kind]![factory.type];
    if (section) testComponentContract(kind, factory, section);
  }

describe('the built-in components', () => {
  it('are all put to the contract', () => {
    const all = kinds.flatMap(([kind, factories]) => factories.map(({ type }) => `${kind} ${type}`));
    const tested = Object.entries(sections).flatMap(([kind, types]) =>
      Object.keys(types).map((type) => `${kind} ${type}`),
    );
    expect(all.filter((name) => !tested.includes(name))).toEqual(ELSEWHERE);
  });

  it.each(kinds)('%s: no type or alias is taken twice', (_, factories) => {
    const names = factories.flatMap(({ type, aliases = [] }) => [type, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
  });
});
