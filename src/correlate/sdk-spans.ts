import type { Peer } from '../otlp/batch.ts';
import { ScopeEnvelope } from '../otlp/envelope.ts';
import { MalformedOtlpError } from '../otlp/malformed.ts';
import type { TracesScan } from '../otlp/traces-scan.ts';
import type { Process } from '../receiver/ebpf/exchange.ts';
import { readSdkContent } from './join/sdk-content.ts';
import { type Frozen, type SdkContent, SdkNode } from './node.ts';
import type { SpanRecords } from './sdk-only/span-records.ts';

/** A span whose content is not known (any more) contradicts no exchange. */
const UNKNOWN: SdkContent = {
  method: undefined,
  path: undefined,
  status: undefined,
  peerPort: undefined,
  hasPeer: false,
  system: undefined,
  operation: undefined,
};

/** Scopes matter to what is still to leave. */
const NO_SCOPE = new ScopeEnvelope('', new Uint8Array());

/** A span of a request, copied out of it. */
export function sdkNode(
  scan: TracesScan,
  row: number,
  process: Process | undefined,
  peer: Peer | undefined,
  epochUnixNano: bigint,
): SdkNode {
  return new SdkNode(
    scan.traceId(row),
    scan.spanId(row),
    scan.parentSpanId(row),
    scan.kind(row),
    scan.startTime(row, epochUnixNano),
    scan.endTime(row, epochUnixNano),
    process,
    peer,
    scan.resource(row),
    scan.scope(row),
    contentOf(scan, row),
    scan.bytes(row).slice(),
  );
}

function contentOf(scan: TracesScan, row: number): SdkContent {
  try {
    return readSdkContent((key) => scan.attribute(row, key));
  } catch (error) {
    // Receivers check what they take; a batch made by a program's own component may be broken within.
    if (error instanceof MalformedOtlpError) return UNKNOWN;
    throw error;
  }
}

/** A span that has left as it came and of which little is remembered. */
export function leftSdkNode(traceId: string, records: SpanRecords, record: number): SdkNode {
  const parentSpanId = records.parentSpanId(record);
  const start = records.start(record);
  const node = new SdkNode(
    traceId,
    records.spanId(record),
    parentSpanId,
    records.kind(record),
    start,
    start,
    undefined,
    undefined,
    records.resource(record),
    NO_SCOPE,
    UNKNOWN,
    undefined,
  );
  const frozen: Frozen = { traceId, parentSpanId, start, evidence: undefined, silent: false, links: [] };
  node.frozen = frozen;
  node.emitted = true;
  return node;
}
