import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Signal } from '../../src/collector/component.ts';
import { OtlpBatch } from '../../src/otlp/batch.ts';
import { countItems } from '../../src/otlp/count-items.ts';
import { toReadableSpans } from '../../src/sdk/decode/to-readable-spans.ts';

const SIGNALS: Readonly<Record<string, Signal>> = { '/v1/traces': 'traces', '/v1/logs': 'logs' };

/** A backend that counts what it is sent. */
export class Sink {
  /** Items of each signal. */
  readonly received = { traces: 0, metrics: 0, logs: 0 };
  /** Zero-code spans of each service. */
  readonly zeroCode = new Map<string, number>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      buffer(request).then(
        (body) => {
          this.#count(SIGNALS[request.url!]!, body);
          response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
        },
        () => response.destroy(),
      );
    });
  }

  static async start(): Promise<Sink> {
    const sink = new Sink();
    sink.#server.listen(0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #count(signal: Signal, body: Uint8Array): void {
    const items = countItems(signal, body);
    this.received[signal] += items;
    if (signal !== 'traces') return;
    for (const { resource, instrumentationScope } of toReadableSpans(new OtlpBatch(body, items))) {
      if (instrumentationScope.name !== 'spanloom') continue;
      const service = String(resource.attributes['service.name']);
      this.zeroCode.set(service, (this.zeroCode.get(service) ?? 0) + 1);
    }
  }
}
