import type { Signal } from '../collector/component.ts';
import { LEN } from './wire/format.ts';
import { WireReader } from './wire/reader.ts';

/** A trace id inside a body: 16 bytes at `offset`. */
export interface TraceIdPosition {
  readonly offset: number;
  /** 32 lower-case hex digits. */
  readonly traceId: string;
}

const TRACE_ID_BYTES = 16;

/** Field numbers on the way from the request to messages that hold a trace id, and the field that holds it. */
interface Path {
  readonly fields: readonly (readonly number[])[];
  readonly traceId: number;
}

/** resource_logs, scope_logs, log_records: trace_id. */
const LOGS: readonly Path[] = [{ fields: [[1], [2], [2]], traceId: 9 }];

/** resource_metrics, scope_metrics, metrics, one of the kinds, data_points, exemplars: trace_id. */
const METRICS: readonly Path[] = [
  { fields: [[1], [2], [2], [5, 7], [1], [5]], traceId: 5 },
  { fields: [[1], [2], [2], [9], [1], [8]], traceId: 5 },
  { fields: [[1], [2], [2], [10], [1], [11]], traceId: 5 },
];

const PATHS: Readonly<Record<Exclude<Signal, 'traces'>, readonly Path[]>> = { logs: LOGS, metrics: METRICS };

/**
 * Where log records and exemplars name a trace. Ids of another length than 16 bytes name none.
 *
 * @throws {MalformedOtlpError}
 */
export function traceIdPositions(signal: 'logs' | 'metrics', body: Uint8Array): TraceIdPosition[] {
  const found: TraceIdPosition[] = [];
  for (const path of PATHS[signal]) descend(new WireReader(body), path, 0, found);
  return found;
}

function descend(reader: WireReader, path: Path, depth: number, found: TraceIdPosition[]): void {
  const wanted = path.fields[depth];
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    const field = tag >>> 3;
    const isWanted = (tag & 7) === LEN && (wanted ? wanted.includes(field) : field === path.traceId);
    if (!isWanted) {
      reader.skip(tag);
      continue;
    }
    const length = reader.length();
    const start = reader.pos;
    if (wanted) {
      const { end } = reader;
      reader.end = start + length;
      descend(reader, path, depth + 1, found);
      reader.end = end;
    } else if (length === TRACE_ID_BYTES) {
      const id = reader.bytes.subarray(start, start + length);
      found.push({
        offset: start,
        traceId: Buffer.from(id.buffer, id.byteOffset, id.length).toString('hex'),
      });
    }
    reader.pos = start + length;
  }
}

/** A copy of `body` in which the trace ids at these positions are others. */
export function withTraceIds(body: Uint8Array, positions: Iterable<TraceIdPosition>): Uint8Array {
  const copy = Buffer.from(body);
  for (const { offset, traceId } of positions) copy.write(traceId, offset, 'hex');
  return copy;
}
