import { nestedFields, utf8, wireFields } from '../wire-fields.ts';

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
    for (const [field, value] of wireFields(bytes)) {
      if (typeof value === 'number') continue;
      if (field === 2) message = utf8(value);
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
  for (const [field, value] of wireFields(any)) {
    if (typeof value === 'number') continue;
    if (field === 1) type = utf8(value);
    else if (field === 2) info = value;
  }
  if (!type.endsWith(`/${RETRY_INFO}`)) return undefined;
  let ms = 0;
  for (const duration of nestedFields(info ?? new Uint8Array(), 1))
    for (const [part, amount] of wireFields(duration)) {
      if (typeof amount !== 'number') continue;
      if (part === 1) ms += amount * 1000;
      else if (part === 2) ms += amount / 1e6;
    }
  return ms;
}
