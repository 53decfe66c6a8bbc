import type { Signal } from './component.ts';

export const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];

const NAME = { traces: 'Traces', metrics: 'Metrics', logs: 'Logs' } as const;
type Name = (typeof NAME)[Signal];

const CREATE = { traces: 'createTraces', metrics: 'createMetrics', logs: 'createLogs' } as const;

/** Whether a factory makes components for a signal. */
export function supports(factory: object, signal: Signal): boolean {
  return Reflect.get(factory, CREATE[signal]) !== undefined;
}

export type CreateConnector = `create${Name}To${Name}`;

/** The method of a connector's factory for a pair of signals. */
export function createConnector(from: Signal, to: Signal): CreateConnector {
  return `create${NAME[from]}To${NAME[to]}`;
}

/** Whether a factory makes connectors that turn one signal into another, or into the same. */
export function connects(factory: object, from: Signal, to: Signal): boolean {
  return Reflect.get(factory, createConnector(from, to)) !== undefined;
}
