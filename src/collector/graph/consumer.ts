import type { Batch } from '../../otlp/batch.ts';
import type { Component, Settings, Signal } from '../component.ts';
import { type CreateConnector, createConnector } from '../signal.ts';

export type Consume = (batch: Batch) => Promise<void>;

/** A consumer that has the method of every signal; whoever takes it uses the one of its own. */
export interface AnyConsumer {
  consumeTraces: Consume;
  consumeMetrics: Consume;
  consumeLogs: Consume;
}

export function consumer(consume: Consume): AnyConsumer {
  return { consumeTraces: consume, consumeMetrics: consume, consumeLogs: consume };
}

const CONSUME = {
  traces: 'consumeTraces',
  metrics: 'consumeMetrics',
  logs: 'consumeLogs',
} as const satisfies Record<Signal, keyof AnyConsumer>;

/** How a component takes batches of a signal. */
export function consumeOf(component: Stage, signal: Signal): Consume {
  return (batch) => component[CONSUME[signal]]!(batch);
}

/** A processor or an exporter, whatever its signal. */
export type Stage = Component & Partial<AnyConsumer>;

/** The three create functions a factory may have, as the graph calls them. */
interface AnyFactory<Made> {
  createTraces?(settings: Settings, config: never, next: AnyConsumer): Made;
  createMetrics?(settings: Settings, config: never, next: AnyConsumer): Made;
  createLogs?(settings: Settings, config: never, next: AnyConsumer): Made;
}

export function create<Made extends Component>(
  factory: AnyFactory<Made>,
  signal: Signal,
  settings: Settings,
  config: never,
  next: AnyConsumer,
): Made {
  switch (signal) {
    case 'traces':
      return factory.createTraces!(settings, config, next);
    case 'metrics':
      return factory.createMetrics!(settings, config, next);
    case 'logs':
      return factory.createLogs!(settings, config, next);
  }
}

type AnyConnectorFactory = {
  [Method in CreateConnector]?: (settings: Settings, config: never, next: AnyConsumer) => Stage;
};

/** @param next takes the signal that goes out */
export function connect(
  factory: AnyConnectorFactory,
  from: Signal,
  to: Signal,
  settings: Settings,
  config: never,
  next: AnyConsumer,
): Stage {
  return factory[createConnector(from, to)]!(settings, config, next);
}
