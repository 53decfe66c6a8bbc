import type { OutgoingHttpHeaders } from 'node:http2';
import { encodeRpcStatus } from '../../../otlp/rpc-status.ts';
import { GRPC, type Refusal } from '../refusal.ts';
import { ACCEPTED_ENCODINGS } from './frame.ts';

/** The trailers-only response of a call that failed. */
export function refusalHeaders(refusal: Refusal): OutgoingHttpHeaders {
  return {
    ':status': 200,
    'content-type': 'application/grpc',
    'grpc-status': String(refusal.grpcCode),
    'grpc-message': percentEncode(refusal.message),
    ...(refusal.retry?.delayMs !== undefined && {
      'grpc-status-details-bin': Buffer.from(
        encodeRpcStatus(refusal.grpcCode, refusal.message, refusal.retry.delayMs),
      ).toString('base64'),
    }),
    ...(refusal.grpcCode === GRPC.UNIMPLEMENTED && { 'grpc-accept-encoding': ACCEPTED_ENCODINGS }),
  };
}

/** `grpc-message` holds printable ASCII; every other byte of its UTF-8, and `%`, is percent-encoded. */
function percentEncode(message: string): string {
  let out = '';
  for (const byte of Buffer.from(message))
    out +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return out;
}
