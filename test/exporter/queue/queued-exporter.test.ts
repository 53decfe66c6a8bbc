import { describe, expect, it } from 'vitest';
import { PermanentError, RetryableError } from '../../../src/error.ts';
import { retryOnFailure, sendingQueue } from '../../../src/exporter/queue/config.ts';
import { QueuedExporter } from '../../../src/exporter/queue/queued-exporter.ts';
import type { ExportResult, Transport } from '../../../src/exporter/queue/transport.ts';
import type { Batch } from '../../../src/otlp/batch.ts';
import { batch, harness, until } from '../support/harness.ts';

/** A transport whose sends end when the test says so; shutting it down fails them. */
class ManualTransport implements Transport {
  readonly sends: { body: string; succeed: () => void; fail: (error: Error) => void }[] = [];
  closed = false;

  async start(): Promise<void> {}

  hurry(): void {}

  send(body: Uint8Array): Promise<ExportResult> {
    if (this.closed) return Promise.reject(new RetryableError('CLOSED', 'closed'));
    return new Promise((resolve, reject) =>
      this.sends.push({
        body: Buffer.from(body).toString(),
        succeed: () => resolve({ rejected: 0, message: '' }),
        fail: reject,
      }),
    );
  }

  async shutdown(): Promise<void> {
    this.closed = true;
    for (const { fail } of this.sends) fail(new RetryableError('CLOSED', 'the connection was cut'));
  }
}

function exporterWith(queue: object, drainMs?: number) {
  const h = harness();
  const transport = new ManualTransport();
  const config = {
    sending_queue: sendingQueue.parse(queue),
    retry_on_failure: retryOnFailure.parse({ initial_interval: '1ms' }),
  };
  return { h, transport, exporter: new QueuedExporter(h.settings, 'traces', config, transport, drainMs) };
}

describe('QueuedExporter', () => {
  it('stops in time although the backend answers nothing, and counts what is left as lost', async () => {
    const { exporter, h, transport } = exporterWith({ num_consumers: 2 }, 30);
    for (const label of ['a', 'b', 'c', 'd', 'e']) await exporter.consumeTraces(batch(label, 2));
    await exporter.shutdown();
    expect(transport.sends).toHaveLength(2);
    expect(h.count('otelcol_exporter_send_failed_spans')).toBe(10);
    expect(h.count('otelcol_exporter_queue_size')).toBe(0);
    expect(h.logs.some(({ msg }) => msg.includes('not sent within 30 ms of shutting down'))).toBe(true);
  });

  it('makes callers wait for room with block_on_overflow, and serves them in order', async () => {
    const { exporter, transport } = exporterWith({
      queue_size: 1,
      num_consumers: 1,
      block_on_overflow: true,
    });
    await exporter.consumeTraces(batch('a'));
    const admitted: string[] = [];
    const waiting = ['b', 'c'].map((label) =>
      exporter.consumeTraces(batch(label)).then(() => admitted.push(label)),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(admitted).toEqual([]);
    for (let i = 0; i < 3; i++) {
      await until(() => transport.sends.length === i + 1);
      transport.sends[i]!.succeed();
    }
    await Promise.all(waiting);
    expect(admitted).toEqual(['b', 'c']);
    expect(transport.sends.map(({ body }) => body)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['items', 10, [6, 4], 1],
    ['bytes', 10, [6, 4], 1],
  ])('measures its room in %s', async (sizer, queue_size, sizes, more) => {
    const { exporter, h } = exporterWith({ sizer, queue_size }, 1);
    for (const size of sizes) await exporter.consumeTraces(batch('x'.repeat(size), size));
    expect(h.count('otelcol_exporter_queue_size')).toBe(10);
    await expect(exporter.consumeTraces(batch('x'.repeat(more), more))).rejects.toBeInstanceOf(
      RetryableError,
    );
    await expect(exporter.consumeTraces(batch('x'.repeat(11), 11))).rejects.toThrow('can never fit');
    expect(h.count('otelcol_exporter_enqueue_failed_spans')).toBe(12);
    await exporter.shutdown();
  });

  it('drops a batch that can not be encoded, and goes on', async () => {
    const { exporter, h, transport } = exporterWith({});
    const broken: Batch = {
      itemCount: 3,
      encode() {
        throw new PermanentError('BROKEN', 'no such span');
      },
    };
    await exporter.consumeTraces(broken);
    await exporter.consumeTraces(batch('good'));
    await until(() => transport.sends.length === 1);
    transport.sends[0]!.succeed();
    await exporter.shutdown();
    expect(h.count('otelcol_exporter_send_failed_spans')).toBe(3);
    expect(h.count('otelcol_exporter_sent_spans')).toBe(1);
  });

  it('sends as many requests at the same time as it has consumers', async () => {
    const { exporter, transport } = exporterWith({ num_consumers: 3 });
    for (const label of ['a', 'b', 'c', 'd']) await exporter.consumeTraces(batch(label));
    await new Promise((resolve) => setImmediate(resolve));
    expect(transport.sends.map(({ body }) => body)).toEqual(['a', 'b', 'c']);
    transport.sends[1]!.succeed();
    await until(() => transport.sends.length === 4);
    for (const { succeed } of transport.sends) succeed();
    await exporter.shutdown();
  });
});
