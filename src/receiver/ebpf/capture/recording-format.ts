import { SpanloomError } from '../../../error.ts';
import { EVENT_ABI_VERSION } from './layout.ts';

/**
 * A recording: a header, then frames until the end of the file. All numbers are little-endian.
 *
 *     header  8 bytes "SPANLOOM", u32 format version, u32 version of the records, u64 start, Unix nanoseconds
 *     frame   u32 payload length, u8 type, 3 bytes zero, u64 time of delivery, Unix nanoseconds, payload
 *
 * Nothing in it refers to a later part, so a file that ends in the middle is good up to its last whole frame.
 */
export const FRAME = {
  /** i64 CLOCK_REALTIME minus CLOCK_MONOTONIC, then records as they were in the ring. */
  records: 1,
  /** Facts of a process, JSON. */
  process: 2,
  /** u16 port, u16 address length, address, then an OTLP ExportTraceServiceRequest. Port 0: the peer is unknown. */
  otlpTraces: 3,
  /** f64 count of records that found the ring full. */
  lost: 4,
  /** The end of one drain; no payload. */
  drained: 5,
} as const;

export type FrameType = (typeof FRAME)[keyof typeof FRAME];

export interface Frame {
  readonly type: FrameType;
  /** Unix nanoseconds. */
  readonly time: bigint;
  readonly payload: Buffer;
}

export const HEADER_BYTES = 24;
export const FRAME_HEADER_BYTES = 16;

/** No drain and no OTLP request comes near; a length beyond is not one. */
export const LARGEST_PAYLOAD = 1 << 28;

const MAGIC = 'SPANLOOM';
const FORMAT_VERSION = 1;

export function encodeHeader(startUnixNano: bigint): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt32LE(FORMAT_VERSION, 8);
  header.writeUInt32LE(EVENT_ABI_VERSION, 12);
  header.writeBigUInt64LE(startUnixNano, 16);
  return header;
}

/** The start in Unix nanoseconds. Throws `SPANLOOM_RECORDING_INVALID` and `SPANLOOM_RECORDING_VERSION`. */
export function decodeHeader(file: string, header: Buffer): bigint {
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, MAGIC.length) !== MAGIC)
    throw new SpanloomError(
      'SPANLOOM_RECORDING_INVALID',
      `${file} is not a recording: it does not start with "${MAGIC}" and a header of ${HEADER_BYTES} bytes.`,
    );
  const format = header.readUInt32LE(8);
  const records = header.readUInt32LE(12);
  if (format !== FORMAT_VERSION || records !== EVENT_ABI_VERSION)
    throw new SpanloomError(
      'SPANLOOM_RECORDING_VERSION',
      `${file} has format ${format} with records of version ${records}; this Spanloom reads format ${FORMAT_VERSION} with version ${EVENT_ABI_VERSION}. Replay it with the version that recorded it.`,
    );
  return header.readBigUInt64LE(16);
}

export function encodeFrameHeader(type: FrameType, time: bigint, payloadLength: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32LE(payloadLength, 0);
  header[4] = type;
  header.writeBigUInt64LE(time, 8);
  return header;
}
