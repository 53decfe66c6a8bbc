import { startsWith } from './text.ts';

/** The connection preface of HTTP/2, RFC 9113 3.4. */
const HTTP2_PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** RFC 8446 5.1: a record is at most 2^14 bytes and 256 for the expansion (2048 in TLS 1.2). */
const LONGEST_TLS_RECORD = 16_384 + 2048;

/** What is recognised without being read: TLS records of any kind, and HTTP/2. */
export function recogniseUnread(data: Uint8Array): 'encrypted' | 'http2' | 'no' | 'more' {
  const http2 = startsWith(data, 0, HTTP2_PREFACE);
  if (http2 === 'yes') return 'http2';
  const tls = isTlsRecord(data);
  if (tls === 'yes') return 'encrypted';
  return http2 === 'more' || tls === 'more' ? 'more' : 'no';
}

/** Content type 20 to 23, version 3.0 to 3.4, a possible length: the header of a record, encrypted or not. */
function isTlsRecord(data: Uint8Array): 'yes' | 'no' | 'more' {
  const type = data[0]!;
  if (type < 20 || type > 23) return 'no';
  if (data.length < 2) return 'more';
  if (data[1] !== 3) return 'no';
  if (data.length < 3) return 'more';
  if (data[2]! > 4) return 'no';
  if (data.length < 5) return 'more';
  const length = (data[3]! << 8) | data[4]!;
  return length > 0 && length <= LONGEST_TLS_RECORD ? 'yes' : 'no';
}
