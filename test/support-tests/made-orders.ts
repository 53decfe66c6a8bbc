import { type LedgerRecord, label } from '../../examples/shop/ledger.ts';
import type { Span } from '../support/otlp-json.ts';

/** A shop of two programs: `front` (zero-code) calls `back` (SDK), which calls Redis. All on one connection each. */
export function madeLedger(orders: number): LedgerRecord[] {
  const records: LedgerRecord[] = [];
  for (let i = 0; i < orders; i++) {
    const at = (
      service: string,
      kind: 'server' | 'client',
      localPort: number,
      remotePort: number,
      offset: number,
    ) => ({
      service,
      kind,
      label: label(i),
      pid: service === 'front' ? 10 : 20,
      localPort,
      remotePort,
      sequence: i + 1,
      startUnixNano: String(1000 * i + offset),
      endUnixNano: String(1000 * i + 900 - offset),
    });
    const ids = (span: string) => ({ traceId: hex('b', i, 32), spanId: hex(span, i, 16) });
    records.push(
      { ...at('front', 'server', 80, 40_000, 0), system: 'http', operation: 'POST /order' },
      { ...at('front', 'client', 41_000, 90, 100), system: 'http', operation: 'POST /order' },
      { ...at('back', 'server', 90, 41_000, 200), system: 'http', operation: 'POST /order', ...ids('5') },
      { ...at('back', 'client', 42_000, 6379, 300), system: 'redis', operation: 'GET' },
    );
  }
  return records;
}

function hex(first: string, number: number, length: number): string {
  return first + number.toString(16).padStart(length - 1, '0');
}

/** The right spans for `madeLedger(orders)`, in the order of its records. */
export function madeSpans(orders: number): Span[] {
  return madeLedger(orders).map((record, i): Span => {
    const order = Math.floor(i / 4);
    const place = i % 4;
    const id = (n: number) => (n === 2 ? hex('5', order, 16) : hex('abcd'[n]!, order, 16));
    return {
      traceId: hex('f', order, 32),
      spanId: id(place),
      parentSpanId: place === 0 ? '' : id(place - 1),
      name: record.operation,
      kind: record.kind === 'server' ? 'SERVER' : 'CLIENT',
      startUnixNano: BigInt(record.startUnixNano),
      endUnixNano: BigInt(record.endUnixNano),
      statusCode: 0,
      attributes: { 'network.local.port': record.localPort, 'network.peer.port': record.remotePort },
      links: [],
      resource: { 'service.name': record.service, 'process.pid': record.pid },
      scope: place === 2 ? 'sdk' : 'spanloom',
    };
  });
}
