import type { Nanos } from '../../collector/clock.ts';
import type { Counters } from '../../collector/counters.ts';
import type { MergeObserver } from '../../correlate/observer.ts';
import type { CorrelateOptions } from '../../correlate/options.ts';
import type { ServiceNames } from '../../observe/service-names.ts';
import type { Process } from '../../receiver/ebpf/exchange.ts';
import type { Decided } from '../decided.ts';
import type { Finding } from '../report.ts';
import type { Serving } from '../serving.ts';
import type { Strays } from '../strays.ts';

/** What all kinds of findings may ask. */
export interface Surroundings {
  readonly names: ServiceNames;
  readonly serving: Serving;
  /** Told of what was decided after every kind. */
  readonly strays: Strays;
  readonly options: CorrelateOptions;
  readonly counters: Counters;
  /** When watching began. */
  readonly since: Nanos;
  /** The process has delivered spans. */
  instrumented(process: Process): boolean;
}

/** One kind of finding: sees what the merge sees, keeps counts, says at the end what it found. */
export interface FindingKind extends Omit<MergeObserver, 'decided' | 'released' | 'linking'> {
  decided?(decided: Decided): void;
  findings(): Finding[];
}

/** `1 call`, `3 calls`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
