import type { Component, Signal } from '../component.ts';
import type { CollectorConfig, PipelineConfig } from '../config/collector-config.ts';
import { during } from '../config/problem.ts';
import { connects, SIGNALS } from '../signal.ts';
import { type Consume, connect, consumeOf, consumer, create, type Stage } from './consumer.ts';
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
 * one processor for each id and pipeline, one connector for each id and pair of signals, a fan-out wherever one feeds
 * several. The configuration has no cycle.
 *
 * @returns the nodes in the order they start: exporters, then what data reaches last first, receivers at the end
 * @throws when a factory throws; nothing was started then
 */
export function buildGraph(config: CollectorConfig, settings: SettingsFactory): Node[] {
  const builder = new GraphBuilder(config, settings);
  for (const pipeline of config.service.pipelines) builder.head(pipeline);
  builder.addReceivers();
  return builder.nodes();
}

class GraphBuilder {
  readonly #exporters: Node[] = [];
  /** Processors and connectors. */
  readonly #between: Node[] = [];
  readonly #receivers: Node[] = [];
  readonly #made = new Map<string, Consume>();
  readonly #heads = new Map<PipelineConfig, Consume>();

  constructor(
    readonly config: CollectorConfig,
    readonly settings: SettingsFactory,
  ) {}

  /** Where a pipeline begins. What it feeds is made first. */
  head(pipeline: PipelineConfig): Consume {
    const known = this.#heads.get(pipeline);
    if (known) return known;
    const { id: pipelineId, signal, processors, exporters } = pipeline;
    let next = fanOut(exporters.flatMap((id) => this.#end(id, signal)));
    for (const id of [...processors].reverse()) {
      const { factory, config } = this.config.processors.get(id)!;
      const settings = this.settings.settings('processor', id, signal, pipelineId);
      const after = this.#counted('outgoing', id, signal, next);
      const component = this.#make('processor', id, signal, () =>
        create<Stage>(factory, signal, settings, config, consumer(after)),
      );
      this.#between.push({ kind: 'processor', id, component });
      next = this.#counted('incoming', id, signal, consumeOf(component, signal));
    }
    this.#heads.set(pipeline, next);
    return next;
  }

  addReceivers(): void {
    for (const [id, { factory, config }] of this.config.receivers)
      for (const signal of SIGNALS) {
        const heads = this.#fedBy(id, signal);
        if (heads.length === 0) continue;
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
    for (const node of [...this.#exporters, ...this.#between, ...this.#receivers])
      if (!nodes.has(node.component)) nodes.set(node.component, node);
    return [...nodes.values()];
  }

  /** Where the pipelines of a signal begin that name a receiver or a connector. */
  #fedBy(id: string, signal: Signal): Consume[] {
    return this.config.service.pipelines
      .filter((pipeline) => pipeline.signal === signal && pipeline.receivers.includes(id))
      .map((pipeline) => this.head(pipeline));
  }

  /** What a pipeline ends in by this id: an exporter, or a connector to each signal that something takes from it. */
  #end(id: string, signal: Signal): Consume[] {
    const connector = this.config.connectors.get(id);
    if (!connector) return [this.#exporter(id, signal)];
    return SIGNALS.filter((to) => connects(connector.factory, signal, to)).flatMap((to) => {
      const next = this.#fedBy(id, to);
      return next.length === 0 ? [] : [this.#connector(id, signal, to, next)];
    });
  }

  #connector(id: string, from: Signal, to: Signal, next: readonly Consume[]): Consume {
    const { factory, config } = this.config.connectors.get(id)!;
    return this.#once(`${from} ${to} ${id}`, () => {
      const settings = this.settings.settings('connector', id, from);
      const component = this.#make('connector', id, from, () =>
        connect(factory, from, to, settings, config, consumer(fanOut(next))),
      );
      this.#between.push({ kind: 'connector', id, component });
      return consumeOf(component, from);
    });
  }

  #exporter(id: string, signal: Signal): Consume {
    return this.#once(`${signal} ${id}`, () => {
      const { factory, config } = this.config.exporters.get(id)!;
      const settings = this.settings.settings('exporter', id, signal);
      const component = this.#make('exporter', id, signal, () =>
        create<Stage>(factory, signal, settings, config, consumer(nowhere)),
      );
      this.#exporters.push({ kind: 'exporter', id, component });
      return consumeOf(component, signal);
    });
  }

  /** Counts what a processor is offered and what it hands on, as the Collector does. */
  #counted(way: 'incoming' | 'outgoing', processor: string, signal: Signal, consume: Consume): Consume {
    const { counters } = this.settings.surroundings;
    const labels = { processor, 'otel.signal': signal };
    const items = counters.counter(`otelcol_processor_${way}_items`, labels);
    return (batch) => {
      items.value += batch.itemCount;
      return consume(batch);
    };
  }

  #once(key: string, make: () => Consume): Consume {
    const known = this.#made.get(key);
    if (known) return known;
    const made = make();
    this.#made.set(key, made);
    return made;
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
