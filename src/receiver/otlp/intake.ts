import type { Consumers, Settings, Signal } from '../../collector/component.ts';
import type { Counter } from '../../collector/counters.ts';
import { OtlpBatch, type Peer } from '../../otlp/batch.ts';
import { countItems } from '../../otlp/count-items.ts';
import { MalformedOtlpError } from '../../otlp/malformed.ts';
import { type Refusal, type RefusalReason, refusalOf } from './refusal.ts';

const ITEM_NAME: Readonly<Record<Signal, string>> = {
  traces: 'spans',
  metrics: 'metric_points',
  logs: 'log_records',
};

/** What the Collector calls the operation in its own traces. */
const OPERATION: Readonly<Record<Signal, string>> = {
  traces: 'TraceDataReceived',
  metrics: 'MetricsReceived',
  logs: 'LogsReceived',
};

export type Transport = 'grpc' | 'http';

/** Takes the requests of one transport: validates, counts, and hands them to the pipelines. */
export class Intake {
  readonly #settings: Settings;
  readonly #transport: Transport;
  readonly #consumers: Partial<Consumers>;
  readonly #accepted: Record<Signal, Counter>;
  readonly #refused: Record<Signal, Counter>;

  /**
   * `consumers` has an entry for each signal that a pipeline takes; it is complete before the first request.
   */
  constructor(settings: Settings, transport: Transport, consumers: Partial<Consumers>) {
    this.#settings = settings;
    this.#transport = transport;
    this.#consumers = consumers;
    this.#accepted = this.#itemCounters('accepted');
    this.#refused = this.#itemCounters('refused');
  }

  /** Whether a pipeline takes this signal. */
  takes(signal: Signal): boolean {
    return this.#consumers[signal] !== undefined;
  }

  /** Resolves when the pipelines have taken the request; rejects with what `refuse` understands. */
  async accept(signal: Signal, body: Uint8Array, peer: Peer | undefined): Promise<void> {
    const count = countItems(signal, body);
    for (const tap of this.#settings.taps) tap.received(signal, body, peer);
    if (count === 0) return;
    const { id, tracing } = this.#settings;
    const operation = tracing?.begin(
      `receiver/${id}/${OPERATION[signal]}`,
      { receiver: id, transport: this.#transport },
      body,
    );
    const outcome = (accepted: number) => ({
      [`accepted_${ITEM_NAME[signal]}`]: accepted,
      [`refused_${ITEM_NAME[signal]}`]: count - accepted,
    });
    try {
      await this.#consume(signal, new OtlpBatch(body, count, peer));
    } catch (error) {
      this.#refused[signal].value += count;
      operation?.end(outcome(0), error);
      // The request was valid, so a malformed batch is a fault of the pipeline, not of the client.
      throw error instanceof MalformedOtlpError ? new Error(error.message, { cause: error }) : error;
    }
    this.#accepted[signal].value += count;
    operation?.end(outcome(count));
  }

  /** Counts and logs a request that is answered with an error; returns the answer. */
  refuse(error: unknown): Refusal {
    const refusal = refusalOf(error);
    this.#requests(refusal.reason).value++;
    this.#settings.logger.debug({ err: refusal, transport: this.#transport }, 'OTLP request refused');
    return refusal;
  }

  /** A connection that broke the transport's protocol. */
  brokenConnection(error: Error): void {
    this.#settings.counters.counter('spanloom_receiver_broken_connections', {
      receiver: this.#settings.id,
      transport: this.#transport,
    }).value++;
    this.#settings.logger.debug({ err: error, transport: this.#transport }, 'OTLP connection broken');
  }

  #consume(signal: Signal, batch: OtlpBatch): Promise<void> {
    switch (signal) {
      case 'traces':
        return this.#consumers.traces!.consumeTraces(batch);
      case 'metrics':
        return this.#consumers.metrics!.consumeMetrics(batch);
      case 'logs':
        return this.#consumers.logs!.consumeLogs(batch);
    }
  }

  #itemCounters(outcome: 'accepted' | 'refused'): Record<Signal, Counter> {
    const counter = (signal: Signal) =>
      this.#settings.counters.counter(`otelcol_receiver_${outcome}_${ITEM_NAME[signal]}`, {
        receiver: this.#settings.id,
        transport: this.#transport,
      });
    return { traces: counter('traces'), metrics: counter('metrics'), logs: counter('logs') };
  }

  #requests(reason: RefusalReason): Counter {
    return this.#settings.counters.counter('spanloom_receiver_refused_requests', {
      receiver: this.#settings.id,
      transport: this.#transport,
      reason,
    });
  }
}
