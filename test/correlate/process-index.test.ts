import { describe, expect, it } from 'vitest';
import { ProcessIndex } from '../../src/correlate/process-index.ts';
import type { Process } from '../../src/receiver/ebpf/exchange.ts';
import { facts } from '../tracker/messages.ts';

const process = (pid: number, service: string, pids = [pid]): Process => ({
  facts: facts(pid, { namespacePids: pids, resource: [['service.name', service]] }),
});

describe('the observed processes', () => {
  it('are found by their ids in all namespaces', () => {
    const index = new ProcessIndex();
    const [one, other] = [process(100, 'a', [100, 7]), process(200, 'b', [200, 7])];
    for (const each of [one, other]) index.add(each);
    expect([...index.withPid(100)]).toEqual([one]);
    expect([...index.withPid(7)]).toEqual([one, other]);
    index.delete(one);
    expect([...index.withPid(7)]).toEqual([other]);
    expect(index.size).toBe(1);
  });

  it('are found by the name of their service where no other has it', () => {
    const index = new ProcessIndex();
    const [one, other] = [process(1, 'shop'), process(2, 'shop')];
    index.add(one);
    expect(index.onlyOf('shop')).toBe(one);
    index.add(other);
    expect(index.onlyOf('shop')).toBeUndefined();
    index.delete(one);
    expect(index.onlyOf('shop')).toBe(other);
    expect(index.onlyOf('bank')).toBeUndefined();
  });

  it('are found by what is known of them now', () => {
    const index = new ProcessIndex();
    const one = process(1, 'unknown_service');
    index.add(one);
    one.facts = process(1, 'shop').facts;
    index.add(one);
    expect(index.onlyOf('shop')).toBe(one);
    expect(index.onlyOf('unknown_service')).toBeUndefined();
    index.delete(one);
    expect([index.size, index.onlyOf('shop'), [...index.withPid(1)]]).toEqual([0, undefined, []]);
  });
});
