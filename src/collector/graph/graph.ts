import type { Component, Signal } from '../component.ts';
import type { CollectorConfig, PipelineConfig } from '../config/collector-config.ts';
import { during } from '../config/problem.ts';
import { SIGNALS } from '../signal.ts';
import { type Consume, consumeOf, consumer, create, type Stage } from './consumer.ts';
import { fanOut } from './fan-out.ts';
import type { Kind, SettingsFactory } from './settings.ts';

/** A component in its place. */
export interface Node {
  readonly kind: Kind;
  readonly id: string;
  readonly component: Component;
}

/**
 * Makes every component that a pipeline names, and wires them up: one exporter and one receiver for each id and signal,
 * one processor for each id and pipeline, a fan-out wherever one feeds several.
 *
 * @returns the nodes in the order they start: exporters, processors from last to first, receivers
 * @throws when a factory throws; nothing was started then
 */
export function buildGraph(config: CollectorConfig, settings: SettingsFactory): Node[] {
  const builder = new GraphBuilder(config, settings);
  for (const pipeline of config.service.pipelines) builder.addPipeline(pipeline);
  builder.addReceivers();
  return builder.nodes();
}

class GraphBuilder {
  readonly #exporters: Node[] = [];
  readonly #processors: Node[] = [];
  readonly #receivers: Node[] = [];
  readonly #exporterOf = new Map<string, Consume>();
  /** Where the pipelines of a signal that name a receiver begin. */
  readonly #headsOf = new Map<string, Consume[]>();

  constructor(
    readonly config: CollectorConfig,
    readonly settings: SettingsFactory,
  ) {}

  addPipeline({ id: pipeline, signal, receivers, processors, exporters }: PipelineConfig): void {
    let next = fanOut(exporters.map((id) => this.#exporter(id, signal)));
    for (const id of [...processors].reverse()) {
      const { factory, config } = this.config.processors.get(id)!;
      const settings = this.settings.settings('processor', id, signal, pipeline);
      const component = this.#make('processor', id, signal, () =>
        create<Stage>(factory, signal, settings, config, consumer(next)),
      );
      this.#processors.push({ kind: 'processor', id, component });
      next = consumeOf(component, signal);
    }
    for (const id of receivers) {
      const heads = this.#headsOf.get(`${signal} ${id}`) ?? [];
      heads.push(next);
      this.#headsOf.set(`${signal} ${id}`, heads);
    }
  }

  addReceivers(): void {
    for (const [id, { factory, config }] of this.config.receivers)
      for (const signal of SIGNALS) {
        const heads = this.#headsOf.get(`${signal} ${id}`);
        if (!heads) continue;
        const settings = this.settings.settings('receiver', id, signal);
        const component = this.#make('receiver', id, signal, () =>
          create<Component>(factory, signal, settings, config, consumer(fanOut(heads))),
        );
        this.#receivers.push({ kind: 'receiver', id, component });
      }
  }

  /** A component that serves several signals or pipelines is one node, in the place it has first. */
  nodes(): Node[] {
    const nodes = new Map<Component, Node>();
    for (const node of [...this.#exporters, ...this.#processors, ...this.#receivers])
      if (!nodes.has(node.component)) nodes.set(node.component, node);
    return [...nodes.values()];
  }

  #exporter(id: string, signal: Signal): Consume {
    const key = `${signal} ${id}`;
    let consume = this.#exporterOf.get(key);
    if (!consume) {
      const { factory, config } = this.config.exporters.get(id)!;
      const settings = this.settings.settings('exporter', id, signal);
      const component = this.#make('exporter', id, signal, () =>
        create<Stage>(factory, signal, settings, config, consumer(nowhere)),
      );
      this.#exporters.push({ kind: 'exporter', id, component });
      consume = consumeOf(component, signal);
      this.#exporterOf.set(key, consume);
    }
    return consume;
  }

  #make<T>(kind: Kind, id: string, signal: Signal, make: () => T): T {
    try {
      return make();
    } catch (error) {
      throw during(
        `failed to create ${JSON.stringify(id)} ${kind} for data type ${JSON.stringify(signal)}`,
        error,
      );
    }
  }
}

/** An exporter hands nothing on. */
async function nowhere(): Promise<void> {}
