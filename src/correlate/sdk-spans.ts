import type { Nanos } from '../collector/clock.ts';
import type { Peer } from '../otlp/batch.ts';
import type { ResourceEnvelope, TracesScan } from '../otlp/traces-scan.ts';
import type { Process } from '../receiver/ebpf/exchange.ts';
import { readSdkContent } from './join/sdk-content.ts';
import { SdkNode } from './node.ts';
import type { BatchOwners } from './owner.ts';

/** The spans of a request, copied out of it. @throws {MalformedOtlpError} */
export function readSdkSpans(
  scan: TracesScan,
  peer: Peer | undefined,
  owners: BatchOwners,
  epochUnixNano: bigint,
): SdkNode[] {
  const nodes: SdkNode[] = [];
  let resource: ResourceEnvelope | undefined;
  let process: Process | undefined;
  for (let i = 0; i < scan.count; i++) {
    if (scan.resource(i) !== resource) {
      resource = scan.resource(i);
      process = owners.of(peer, resource);
    }
    const start: Nanos = scan.startTime(i, epochUnixNano);
    nodes.push(
      new SdkNode(
        scan.traceId(i),
        scan.spanId(i),
        scan.parentSpanId(i),
        scan.kind(i),
        start,
        scan.endTime(i, epochUnixNano),
        process,
        peer,
        resource,
        scan.scope(i),
        readSdkContent((key) => scan.attribute(i, key)),
        scan.bytes(i).slice(),
      ),
    );
  }
  return nodes;
}
