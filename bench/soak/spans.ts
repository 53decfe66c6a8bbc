import { randomBytes } from 'node:crypto';

export interface Posted {
  spans: number;
  logs: number;
}

const SERVICES = ['checkout', 'basket', 'mail'];

/** Posts traces of SDK spans as OTLP/JSON, every tenth of them twice, and a log record for each. */
export class SpanLoad {
  /** What was acknowledged. */
  readonly posted: Posted = { spans: 0, logs: 0 };
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /** One request of `traces` traces. */
  async post(traces: number): Promise<void> {
    const ids = Array.from({ length: traces }, () => randomBytes(16).toString('hex'));
    const spans = JSON.stringify({ resourceSpans: ids.flatMap(traceOf) });
    await this.#send('traces', spans);
    this.posted.spans += ids.length * SERVICES.length;
    if (Math.random() < 0.1) {
      await this.#send('traces', spans);
      this.posted.spans += ids.length * SERVICES.length;
    }
    const logRecords = ids.map((traceId) => ({ traceId, body: { stringValue: 'done' } }));
    await this.#send('logs', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }));
    this.posted.logs += ids.length;
  }

  async #send(signal: 'traces' | 'logs', body: string): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    for (;;) {
      try {
        const answer = await fetch(`${this.#endpoint}/v1/${signal}`, { method: 'POST', headers, body });
        await answer.arrayBuffer();
        if (answer.status === 200) return;
      } catch {
        // Nobody listens while the configuration is read again.
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** A chain through the services, one span each. */
function traceOf(traceId: string): object[] {
  let parentSpanId = '';
  const now = BigInt(Date.now()) * 1_000_000n;
  return SERVICES.map((service) => {
    const spanId = randomBytes(8).toString('hex');
    const span = {
      traceId,
      spanId,
      parentSpanId,
      name: `work of ${service}`,
      kind: 1,
      startTimeUnixNano: String(now - 5_000_000n),
      endTimeUnixNano: String(now),
      attributes: [{ key: 'order.id', value: { stringValue: spanId } }],
    };
    parentSpanId = spanId;
    return {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [{ scope: { name: 'load' }, spans: [span] }],
    };
  });
}
