import type { Counters, MetricKind } from '../counters.ts';
import type { PrometheusReader } from './config.ts';
import { DESCRIPTIONS } from './descriptions.ts';
import { exposition, type Family, type Series } from './exposition.ts';
import { processMetrics } from './process-metrics.ts';
import { constantLabels } from './resource.ts';

/** What one reader tells of this collector: its counters, its process and its resource. */
export class SelfMetrics {
  readonly #counters: Counters;
  readonly #reader: PrometheusReader;
  readonly #resource: Readonly<Record<string, string>>;
  readonly #labels: Readonly<Record<string, string>>;

  constructor(counters: Counters, resource: Readonly<Record<string, string>>, reader: PrometheusReader) {
    this.#counters = counters;
    this.#reader = reader;
    this.#resource = resource;
    this.#labels = constantLabels(resource, reader.resourceLabels);
  }

  /** As of now, in Prometheus' text format. */
  toString(): string {
    return exposition([...this.#counted(), ...this.#process(), ...this.#target()]);
  }

  #counted(): Family[] {
    const families = new Map<string, { kind: MetricKind; series: Series[] }>();
    for (const { name, kind, attributes, value } of this.#counters.entries()) {
      let family = families.get(name);
      if (!family) {
        family = { kind, series: [] };
        families.set(name, family);
      }
      family.series.push({ labels: { ...this.#labels, ...attributes }, value });
    }
    return [...families].map(([name, { kind, series }]) => ({
      name: this.#name(name, kind),
      kind,
      help: DESCRIPTIONS.get(name),
      series,
    }));
  }

  #process(): Family[] {
    return processMetrics().map(({ name, kind, help, unit, value }) => ({
      name: this.#name(name, kind, unit),
      kind,
      help,
      series: [{ labels: this.#labels, value }],
    }));
  }

  /** The resource as a metric, by the convention of OpenMetrics. */
  #target(): Family[] {
    if (!this.#reader.targetInfo) return [];
    const series = [{ labels: this.#resource, value: 1 }];
    return [{ name: 'target_info', kind: 'gauge', help: 'Target metadata', series }];
  }

  #name(name: string, kind: MetricKind, unit?: string): string {
    const { unitSuffix, typeSuffix } = this.#reader;
    const withUnit =
      unitSuffix && unit !== undefined && !name.endsWith(`_${unit}`) ? `${name}_${unit}` : name;
    return typeSuffix && kind === 'counter' ? `${withUnit}_total` : withUnit;
  }
}
