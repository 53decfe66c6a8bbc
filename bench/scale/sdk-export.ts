import type { Nanos } from '../../src/collector/clock.ts';
import { CLIENT, SERVER } from '../../src/correlate/kind.ts';
import { encodeSpanAttributes } from '../../src/otlp/attributes.ts';
import { encodeResource, encodeScope } from '../../src/otlp/encode-envelope.ts';
import { SpanEncoder } from '../../src/otlp/span-encoder.ts';
import { TracesBuilder } from '../../src/otlp/traces-builder.ts';

const SCOPE = encodeScope('sdk', '1.0.0');
const ATTRIBUTES = encodeSpanAttributes([
  ['http.request.method', 'GET'],
  ['url.path', '/orders/17'],
  ['http.response.status_code', 200],
]);

/** What an SDK tells of one request: a SERVER span with one CLIENT span below. */
export class PlayedTrace {
  readonly #traceId: string;
  readonly #outer: string;
  readonly #server: string;
  readonly #client: string;

  constructor(number: number) {
    const word = number.toString(16).padStart(12, '0');
    this.#traceId = `${word}${word}ffffffff`;
    this.#outer = `${word}0001`;
    this.#server = `${word}0002`;
    this.#client = `${word}0003`;
  }

  /** The header that the request came with. */
  get incoming(): string {
    return `traceparent: 00-${this.#traceId}-${this.#outer}-01\r\n`;
  }

  /** The header of its call. */
  get outgoing(): string {
    return `traceparent: 00-${this.#traceId}-${this.#client}-01\r\n`;
  }

  encode(encoder: SpanEncoder, add: (span: Uint8Array) => void, start: Nanos, end: Nanos): void {
    for (const [spanId, parent, kind] of [
      [this.#server, this.#outer, SERVER],
      [this.#client, this.#server, CLIENT],
    ] as const) {
      encoder.begin(this.#traceId, spanId, parent, kind, start, end);
      encoder.name('GET /orders/{id}');
      encoder.attributes(ATTRIBUTES);
      add(encoder.finish());
    }
  }
}

/** Gathers what the SDK of one process exports at a time. */
export class PlayedExport {
  readonly #encoder: SpanEncoder;
  #builder = new TracesBuilder();

  constructor(epochUnixNano: bigint) {
    this.#encoder = new SpanEncoder(epochUnixNano);
  }

  add(trace: PlayedTrace, pid: number, start: Nanos, end: Nanos): void {
    const resource = encodeResource([
      ['service.name', 'shop'],
      ['process.pid', pid],
    ]);
    trace.encode(
      this.#encoder,
      (span) => this.#builder.add(resource, String(pid), SCOPE, 'sdk', span),
      start,
      end,
    );
  }

  /** The request that the SDK sends; undefined where there is nothing to send. */
  take(): Uint8Array | undefined {
    if (this.#builder.count === 0) return undefined;
    const body = this.#builder.encode();
    this.#builder = new TracesBuilder();
    return body;
  }
}
