import { pino } from 'pino';
import { SystemClock } from '../../../src/collector/clock.ts';
import type { Host, ReceivedTap, Settings, Signal } from '../../../src/collector/component.ts';
import { Counters } from '../../../src/collector/counters.ts';
import type { Batch, Peer } from '../../../src/otlp/batch.ts';
import { otlpReceiver } from '../../../src/receiver/otlp/factory.ts';
import type { OtlpReceiver } from '../../../src/receiver/otlp/otlp-receiver.ts';

export interface Received {
  readonly signal: Signal;
  readonly body: Uint8Array;
  readonly itemCount: number;
  readonly peer: Peer | undefined;
}

export class StartedReceiver {
  readonly counters = new Counters();
  readonly taps = new Set<ReceivedTap>();
  readonly received: Received[] = [];
  /** What the pipeline does with a batch; takes it at once unless a test says otherwise. */
  pipeline: (batch: Batch) => Promise<void> = () => Promise.resolve();
  readonly receiver: OtlpReceiver;

  constructor(config: object, signals: readonly Signal[] = ['traces', 'metrics', 'logs']) {
    let shared: unknown;
    const settings: Settings = {
      id: 'otlp/test',
      logger: pino({ level: 'silent' }),
      clock: new SystemClock(),
      counters: this.counters,
      buildInfo: { command: 'spanloom', version: '0' },
      taps: this.taps,
      shared: <T>(make: () => T): T => {
        shared ??= make();
        return shared as T;
      },
    };
    const consume = (signal: Signal) => async (batch: Batch) => {
      await this.pipeline(batch);
      this.received.push({ signal, body: batch.encode(), itemCount: batch.itemCount, peer: batch.peer });
    };
    const parsed = otlpReceiver.config.parse(config);
    if (signals.includes('metrics'))
      otlpReceiver.createMetrics(settings, parsed, { consumeMetrics: consume('metrics') });
    if (signals.includes('logs')) otlpReceiver.createLogs(settings, parsed, { consumeLogs: consume('logs') });
    this.receiver = otlpReceiver.createTraces(settings, parsed, { consumeTraces: consume('traces') });
  }

  get grpcPort(): number {
    return this.receiver.ports.grpc!;
  }

  get httpPort(): number {
    return this.receiver.ports.http!;
  }

  /** The value of a counter, whatever its other attributes; 0 where it was never asked for. */
  count(name: string, attributes: Readonly<Record<string, string>>): number {
    let sum = 0;
    for (const entry of this.counters.entries())
      if (
        entry.name === name &&
        Object.entries(attributes).every(([key, value]) => entry.attributes[key] === value)
      )
        sum += entry.value;
    return sum;
  }
}

/** A collector that a receiver must not end. */
export const host: Host = {
  fatal: (error) => {
    throw error;
  },
  finished: () => {
    throw new Error('an OTLP receiver never finishes by itself');
  },
};

/**
 * A receiver on ports that the system chooses; `grpc` and `http` are its sections, none for a protocol that
 * is off.
 */
export async function startReceiver(
  protocols: { readonly grpc?: object; readonly http?: object },
  signals?: readonly Signal[],
): Promise<StartedReceiver> {
  const section = (value: object | undefined) => value && { endpoint: '127.0.0.1:0', ...value };
  const started = new StartedReceiver(
    {
      protocols: {
        ...(protocols.grpc && { grpc: section(protocols.grpc) }),
        ...(protocols.http && { http: section(protocols.http) }),
      },
    },
    signals,
  );
  await started.receiver.start(host);
  return started;
}
