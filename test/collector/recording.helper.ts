import { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';
import { z } from 'zod';
import type { Component, Factories, Host, Settings, Signal } from '../../src/collector/component.ts';
import { type Batch, OtlpBatch } from '../../src/otlp/batch.ts';

const config = z.strictObject({
  /** What goes wrong, and where. */
  fail: z.enum(['create', 'start', 'shutdown', 'consume', 'fatal', 'hang']).optional(),
  /** The object itself is shared by everything that names the id. */
  share: z.boolean().default(false),
  /** Calls `host.finished()` while it starts. */
  finish: z.boolean().default(false),
});
type Config = z.output<typeof config>;

/** Components that write down what happens to them, in one list. */
export class Recording {
  readonly events: string[] = [];
  readonly hosts: Host[] = [];
  readonly settings: Settings[] = [];
  /** By signal and receiver id: what the receiver hands its batches to. */
  readonly receivers = new Map<string, (batch: Batch) => Promise<void>>();

  readonly factories: Factories = {
    receivers: [{ type: 'nop', stability: 'beta', config, ...this.#signals('receiver') }],
    processors: [{ type: 'nop', stability: 'beta', config, ...this.#signals('processor') }],
    exporters: [{ type: 'nop', stability: 'beta', config, ...this.#signals('exporter') }],
    extensions: [
      {
        type: 'nop',
        stability: 'beta',
        config,
        create: (settings: Settings, config: Config) => this.#make('extension', settings, config, ''),
      },
    ],
  };

  /** Hands an empty batch to what follows a receiver. */
  receive(receiver: string, signal: Signal = 'traces'): Promise<void> {
    return this.receivers.get(`${signal} ${receiver}`)!(new OtlpBatch(new Uint8Array(), 1));
  }

  take(): string[] {
    return this.events.splice(0);
  }

  #signals(kind: string) {
    const create = (signal: Signal) => (settings: Settings, config: Config, next?: object) =>
      this.#make(kind, settings, config, signal, next as Next | undefined);
    return {
      createTraces: create('traces'),
      createMetrics: create('metrics'),
      createLogs: create('logs'),
    };
  }

  #make(kind: string, settings: Settings, config: Config, signal: Signal | '', next?: Next) {
    if (config.fail === 'create') throw new Error('no way');
    const method = signal && METHOD[signal];
    const component = () =>
      new RecordingComponent(this, `${kind} ${settings.id}`, config, next, method || undefined);
    this.settings.push(settings);
    if (kind === 'receiver' && next && method)
      this.receivers.set(`${signal} ${settings.id}`, (batch) => next[method](batch));
    return config.share ? settings.shared(component) : component();
  }
}

const METHOD = { traces: 'consumeTraces', metrics: 'consumeMetrics', logs: 'consumeLogs' } as const;
type Method = (typeof METHOD)[Signal];
type Next = Record<Method, (batch: Batch) => Promise<void>>;

class RecordingComponent implements Component {
  constructor(
    readonly recording: Recording,
    readonly name: string,
    readonly config: Config,
    readonly next: Next | undefined,
    readonly method: Method | undefined,
  ) {}

  async start(host: Host): Promise<void> {
    this.recording.events.push(`start ${this.name}`);
    this.recording.hosts.push(host);
    if (this.config.fail === 'start') throw new Error('address in use');
    if (this.config.fail === 'fatal') host.fatal(new Error('the ring is gone'));
    if (this.config.finish) host.finished();
  }

  async shutdown(): Promise<void> {
    this.recording.events.push(`shutdown ${this.name}`);
    if (this.config.fail === 'shutdown') throw new Error('disk full');
    if (this.config.fail === 'hang') await new Promise(() => {});
  }

  consumeTraces = (batch: Batch) => this.#consume('consumeTraces', batch);
  consumeMetrics = (batch: Batch) => this.#consume('consumeMetrics', batch);
  consumeLogs = (batch: Batch) => this.#consume('consumeLogs', batch);

  async #consume(method: Method, batch: Batch): Promise<void> {
    this.recording.events.push(`${method} ${this.name}`);
    if (this.config.fail === 'consume') throw new Error('rejected');
    if (this.name.startsWith('processor')) await this.next![method](batch);
  }
}

/** A logger that keeps its lines. */
export function recordingLogger(): { logger: Logger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { logger: pino({ level: 'debug' }, stream), lines };
}
