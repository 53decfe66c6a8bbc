import type { Signal } from '../../collector/component.ts';
import { toJson } from '../../otlp/to-json.ts';
import type { FileConfig } from './config.ts';

/**
 * One export request as it stands in the file: a line of OTLP/JSON, or the protobuf message behind its length in four
 * bytes, big-endian.
 */
export function encodeRecord(format: FileConfig['format'], signal: Signal, body: Uint8Array): Buffer {
  if (format === 'json') return Buffer.from(`${toJson(signal, body)}\n`);
  const record = Buffer.allocUnsafe(4 + body.length);
  record.writeUInt32BE(body.length, 0);
  record.set(body, 4);
  return record;
}
