import type { Logger } from 'pino';
import type { BuildInfo } from '../build-info.ts';
import type { Clock } from '../clock.ts';
import type { ReceivedTap, Settings, Signal } from '../component.ts';
import type { Counters } from '../counters.ts';
import type { Tracing } from '../telemetry/traces/tracing.ts';

export type Kind = 'receiver' | 'processor' | 'exporter' | 'connector' | 'extension';

/** What all components of a collector are made with. */
export interface Surroundings {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly buildInfo: BuildInfo;
  readonly tracing: Tracing;
}

/** Makes each component's settings and keeps what component ids share. One per graph. */
export class SettingsFactory {
  readonly #shared = new Map<string, { value: unknown }>();
  readonly #taps = new Set<ReceivedTap>();

  constructor(readonly surroundings: Surroundings) {}

  settings(kind: Kind, id: string, signal?: Signal, pipeline?: string): Settings {
    const { logger, clock, counters, buildInfo, tracing } = this.surroundings;
    const bindings: Record<string, string> = { 'otelcol.component.id': id, 'otelcol.component.kind': kind };
    if (pipeline !== undefined) bindings['otelcol.pipeline.id'] = pipeline;
    if (signal !== undefined) bindings['otelcol.signal'] = signal;
    return {
      id,
      logger: logger.child(bindings),
      clock,
      counters,
      buildInfo,
      tracing,
      taps: this.#taps,
      shared: <T>(make: () => T): T => {
        const key = `${kind} ${id}`;
        let cell = this.#shared.get(key);
        if (!cell) {
          cell = { value: make() };
          this.#shared.set(key, cell);
        }
        return cell.value as T;
      },
    };
  }
}
