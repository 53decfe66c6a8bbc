import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/collector/config/load.ts';
import { builtinFactories } from '../../src/components.ts';
import { correlateConfig, correlateOptions } from '../../src/processor/correlate/config.ts';

/** What is wrong with a configuration whose `correlate` section holds this. */
function problems(rendezvous: object): string[] {
  const object = {
    receivers: { otlp: { protocols: { http: {} } } },
    processors: { correlate: { rendezvous } },
    exporters: { debug: {} },
    service: {
      pipelines: { traces: { receivers: ['otlp'], processors: ['correlate'], exporters: ['debug'] } },
    },
  };
  return loadConfig({ object }, builtinFactories).problems.map(({ message }) => message);
}

describe('the section rendezvous', () => {
  it.each<[string, object, string | undefined]>([
    ['memory', { store: 'memory' }, undefined],
    ['redis', { store: 'redis', endpoint: 'rediss://redis.internal:6379/1', password: 'word' }, undefined],
    [
      'another store',
      { store: 'etcd' },
      'correlate::rendezvous::store: expected one of "memory", "redis", got "etcd"',
    ],
    [
      'redis without endpoint',
      { store: 'redis' },
      'correlate::rendezvous::endpoint: is required where the store is redis: a URL such as redis://redis.internal:6379',
    ],
    [
      'memory with endpoint',
      { store: 'memory', endpoint: 'redis://a:1' },
      'correlate::rendezvous::endpoint: must not be set where the store is memory: pipelines of one process meet there',
    ],
    [
      'no URL',
      { store: 'redis', endpoint: 'redis.internal:6379' },
      'must be a URL such as redis://redis.internal:6379, without user and password',
    ],
    [
      'a password that would be shown',
      { store: 'redis', endpoint: 'redis://:word@redis.internal:6379' },
      'must be a URL such as redis://redis.internal:6379, without user and password',
    ],
  ])('says what is wrong with it: %s', (_, section, message) => {
    const found = problems(section);
    if (message === undefined) expect(found).toEqual([]);
    else {
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(message);
    }
  });

  it('is not there by default: nobody is met', () => {
    expect(correlateOptions(correlateConfig.parse({})).rendezvous).toBeUndefined();
  });
});
