import { PermanentError } from '../error.ts';
import type { Transport, ExportResult as TransportResult } from '../exporter/queue/transport.ts';
import { OtlpBatch } from '../otlp/batch.ts';
import { toReadableSpans } from './decode/to-readable-spans.ts';
import { exportError } from './export-error.ts';
import type { ReadableSpan } from './readable-span.ts';
import type { AnySpanExporter } from './span-exporter.ts';
import { untraced } from './untraced.ts';

/** Hands requests, as spans, to an exporter of an SDK. */
export class SdkTransport implements Transport {
  readonly #create: () => AnySpanExporter;
  readonly #timeoutMs: number;
  readonly #underWay = new Set<(error: Error) => void>();
  #exporter: AnySpanExporter | undefined;
  #untraced: Awaited<ReturnType<typeof untraced>> = (work) => work();

  constructor(create: () => AnySpanExporter, timeoutMs: number) {
    this.#create = create;
    this.#timeoutMs = timeoutMs;
  }

  async start(): Promise<void> {
    this.#untraced = await untraced();
    this.#exporter = this.#create();
  }

  async send(body: Uint8Array): Promise<TransportResult> {
    const spans = toReadableSpans(new OtlpBatch(body, 0));
    if (spans.length > 0) await this.#export(spans);
    return { rejected: 0, message: '' };
  }

  async #export(spans: ReadableSpan[]): Promise<void> {
    let abandon: ((error: Error) => void) | undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        abandon = reject;
        this.#underWay.add(reject);
        timer = setTimeout(() => reject(noAnswer(`within ${this.#timeoutMs} ms`)), this.#timeoutMs);
        this.#untraced(() =>
          this.#exporter!.export(spans, ({ code, error }) =>
            code === 0 ? resolve() : reject(exportError(error)),
          ),
        );
      });
    } finally {
      clearTimeout(timer);
      if (abandon) this.#underWay.delete(abandon);
    }
  }

  /** Exporters of SDKs have their pauses to themselves; `forceFlush` waits for them. */
  hurry(): void {}

  async shutdown(): Promise<void> {
    const exporter = this.#exporter;
    this.#exporter = undefined;
    try {
      await this.#untraced(() => exporter?.forceFlush?.());
    } finally {
      await this.#untraced(() => exporter?.shutdown());
      for (const abandon of this.#underWay) abandon(noAnswer('before it was shut down'));
    }
  }
}

/** Whether the batch was exported is unknown: sending it again could double it. */
function noAnswer(when: string): PermanentError {
  return new PermanentError('SPANLOOM_EXPORT_TIMEOUT', `the SDK's exporter did not call back ${when}`);
}
