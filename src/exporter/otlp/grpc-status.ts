/** Status codes of gRPC (`grpc/doc/statuscodes.md`). */
export const GRPC_STATUS = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export type GrpcStatus = (typeof GRPC_STATUS)[number];

/** How one call ended. */
export interface GrpcOutcome {
  readonly status: GrpcStatus;
  /** The peer's words, or ours where the peer said nothing. */
  readonly message: string;
  /** `google.rpc.Status` of `grpc-status-details-bin`. */
  readonly details?: Uint8Array;
  /** The response message of a call that ended with `OK`. */
  readonly body?: Uint8Array;
  /** The peer never processed the request: sending it again right away can not duplicate it. */
  readonly unprocessed?: boolean;
}

/** What an HTTP status stands for when a proxy answers in the place of a gRPC server (`grpc/doc/http-grpc-status-mapping.md`). */
export function statusOfHttp(code: number): GrpcStatus {
  switch (code) {
    case 400:
      return 'INTERNAL';
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'PERMISSION_DENIED';
    case 404:
      return 'UNIMPLEMENTED';
    case 429:
    case 502:
    case 503:
    case 504:
      return 'UNAVAILABLE';
    default:
      return 'UNKNOWN';
  }
}

/** `grpc-message` is percent-encoded UTF-8; what is not stays as it is. */
export function decodeMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
