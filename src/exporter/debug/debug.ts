import type {
  Component,
  LogsConsumer,
  MetricsConsumer,
  Settings,
  Signal,
  TracesConsumer,
} from '../../collector/component.ts';
import type { Batch } from '../../otlp/batch.ts';
import { toJson } from '../../otlp/to-json.ts';
import type { DebugConfig } from './config.ts';
import { detailedLogs } from './detailed/logs.ts';
import { detailedMetrics } from './detailed/metrics.ts';
import { detailedTraces } from './detailed/traces.ts';
import { normalLogs } from './normal/logs.ts';
import { normalMetrics } from './normal/metrics.ts';
import { normalTraces } from './normal/traces.ts';
import { type Output, openOutput } from './output.ts';
import { Sampler } from './sampler.ts';
import { summary } from './summary.ts';
import { renderTrees } from './tree/render.ts';

const NORMAL = { traces: normalTraces, metrics: normalMetrics, logs: normalLogs };
const DETAILED = { traces: detailedTraces, metrics: detailedMetrics, logs: detailedLogs };

/** What could steer a terminal; line breaks of a log's body are wanted. */
const CONTROL = /(?![\n\t])\p{Cc}/gu;

/** Prints what arrives, for people to read. */
export class DebugExporter implements Component, TracesConsumer, MetricsConsumer, LogsConsumer {
  readonly #settings: Settings;
  readonly #signal: Signal;
  readonly #config: DebugConfig;
  readonly #sampler: Sampler;
  #outputs: Output[] = [];

  constructor(settings: Settings, signal: Signal, config: DebugConfig) {
    this.#settings = settings;
    this.#signal = signal;
    this.#config = config;
    this.#sampler = new Sampler(config.sampling_initial, config.sampling_thereafter);
  }

  async start(): Promise<void> {
    for (const path of this.#config.output_paths) this.#outputs.push(await openOutput(path));
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.#outputs.splice(0).map((output) => output.close()));
  }

  consumeTraces(batch: Batch): Promise<void> {
    return this.#print(batch);
  }

  consumeMetrics(batch: Batch): Promise<void> {
    return this.#print(batch);
  }

  consumeLogs(batch: Batch): Promise<void> {
    return this.#print(batch);
  }

  async #print(batch: Batch): Promise<void> {
    if (!this.#sampler.take(performance.now())) return;
    const text = this.#text(batch);
    await Promise.all(this.#outputs.map((output) => output.write(text(output))));
  }

  #text(batch: Batch): (output: Output) => string {
    const signal = this.#signal;
    const { verbosity } = this.#config;
    if (verbosity === 'tree' && signal === 'traces') {
      const json = JSON.parse(toJson('traces', batch.encode()));
      return ({ style }) => renderTrees(json, style);
    }
    const head = summary(this.#settings, signal, batch);
    if (verbosity === 'basic' || verbosity === 'tree') return () => head;
    const render = (verbosity === 'normal' ? NORMAL : DETAILED)[signal];
    const body = `${render(JSON.parse(toJson(signal, batch.encode()))).join('\n')}\n`;
    return () =>
      head + body.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  }
}
