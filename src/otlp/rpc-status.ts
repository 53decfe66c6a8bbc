import { LEN, VARINT } from './wire/format.ts';
import { WireWriter } from './wire/writer.ts';

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/**
 * An encoded `google.rpc.Status`: the body of a refused OTLP/HTTP request and the `grpc-status-details-bin`
 * of a refused OTLP/gRPC one.
 *
 * @param code a gRPC status code.
 * @param retryDelayMs adds a `google.rpc.RetryInfo` that asks to wait so long.
 */
export function encodeRpcStatus(code: number, message: string, retryDelayMs?: number): Uint8Array {
  const status = new WireWriter(256);
  status.varint((1 << 3) | VARINT);
  status.varint(code);
  status.varint((2 << 3) | LEN);
  status.text(message);
  if (retryDelayMs !== undefined) {
    const any = new WireWriter();
    any.varint((1 << 3) | LEN);
    any.text(RETRY_INFO);
    any.field((2 << 3) | LEN, encodeRetryInfo(retryDelayMs));
    status.field((3 << 3) | LEN, any.copy());
  }
  return status.copy();
}

/** `google.rpc.RetryInfo` with its one field, a `google.protobuf.Duration` of seconds and nanoseconds. */
function encodeRetryInfo(delayMs: number): Uint8Array {
  const seconds = Math.floor(delayMs / 1000);
  const duration = new WireWriter();
  duration.varint((1 << 3) | VARINT);
  duration.varint64(seconds);
  duration.varint((2 << 3) | VARINT);
  duration.varint(Math.floor((delayMs - seconds * 1000) * 1e6));
  const info = new WireWriter();
  info.field((1 << 3) | LEN, duration.copy());
  return info.copy();
}
