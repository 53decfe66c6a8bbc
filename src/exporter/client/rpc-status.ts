import { LEN, VARINT } from '../../otlp/wire/format.ts';
import { WireReader } from '../../otlp/wire/reader.ts';

const RETRY_INFO = 'google.rpc.RetryInfo';

/** What a backend says about a request it refused: `google.rpc.Status`. */
export interface RpcStatus {
  readonly message: string;
  /** Of a `google.rpc.RetryInfo` among the details, in milliseconds. */
  readonly retryDelayMs: number | undefined;
}

/** Reads an encoded `google.rpc.Status`; undefined when the bytes are none. */
export function parseRpcStatus(bytes: Uint8Array): RpcStatus | undefined {
  let message = '';
  let retryDelayMs: number | undefined;
  try {
    for (const [field, value] of fields(bytes)) {
      if (typeof value === 'number') continue;
      if (field === 2) message = text(value);
      else if (field === 3) retryDelayMs ??= retryDelay(value);
    }
  } catch {
    return undefined;
  }
  return { message, retryDelayMs };
}

/** Of a `google.protobuf.Any`, when it is a RetryInfo. */
function retryDelay(any: Uint8Array): number | undefined {
  let type = '';
  let info: Uint8Array | undefined;
  for (const [field, value] of fields(any)) {
    if (typeof value === 'number') continue;
    if (field === 1) type = text(value);
    else if (field === 2) info = value;
  }
  if (!type.endsWith(`/${RETRY_INFO}`)) return undefined;
  let ms = 0;
  for (const [field, duration] of fields(info ?? new Uint8Array()))
    if (field === 1 && typeof duration !== 'number')
      for (const [part, amount] of fields(duration)) {
        if (typeof amount !== 'number') continue;
        if (part === 1) ms += amount * 1000;
        else if (part === 2) ms += amount / 1e6;
      }
  return ms;
}

/** Varint and length-delimited fields of a message; others are passed over. */
export function* fields(bytes: Uint8Array): Generator<[field: number, value: number | Uint8Array]> {
  const reader = new WireReader(bytes);
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if ((tag & 7) === VARINT) {
      reader.varint();
      // int64: a negative count or delay means nothing here, so the high half is taken as signed.
      yield [tag >>> 3, (reader.hi | 0) * 2 ** 32 + reader.lo];
    } else if ((tag & 7) === LEN) {
      const length = reader.length();
      const start = reader.pos;
      reader.pos += length;
      yield [tag >>> 3, bytes.subarray(start, start + length)];
    } else reader.skip(tag);
  }
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
