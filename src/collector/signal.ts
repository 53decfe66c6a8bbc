import type { Signal } from './component.ts';

export const SIGNALS: readonly Signal[] = ['traces', 'metrics', 'logs'];

const CREATE = { traces: 'createTraces', metrics: 'createMetrics', logs: 'createLogs' } as const;

/** Whether a factory makes components for a signal. */
export function supports(factory: object, signal: Signal): boolean {
  return Reflect.get(factory, CREATE[signal]) !== undefined;
}
