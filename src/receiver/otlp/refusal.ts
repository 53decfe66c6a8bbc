import { RetryableError, SpanloomError } from '../../error.ts';
import { MalformedOtlpError } from '../../otlp/malformed.ts';

/** Status codes of gRPC (`grpc/doc/statuscodes.md`) that this receiver answers with. */
export const GRPC = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
} as const;

/** Why a request was refused, for the counter. */
export type RefusalReason =
  | 'malformed'
  | 'too_large'
  | 'unsupported_encoding'
  | 'unsupported_media_type'
  | 'unknown_method'
  | 'deadline'
  | 'aborted'
  | 'pipeline';

/** A request that is answered with an error, in the words of both transports. */
export class Refusal extends SpanloomError {
  constructor(
    readonly reason: RefusalReason,
    readonly grpcCode: number,
    readonly httpStatus: number,
    message: string,
    /** Set where the client may send the same request again; how long it should wait, where known. */
    readonly retry?: { readonly delayMs: number | undefined },
    options?: ErrorOptions,
  ) {
    super('SPANLOOM_OTLP_REFUSED', message, options);
  }
}

/** What the OTLP specification asks to answer to this error of validation or of the pipeline. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof MalformedOtlpError)
    return new Refusal('malformed', GRPC.INVALID_ARGUMENT, 400, message, undefined, { cause: error });
  if (error instanceof RetryableError)
    return new Refusal(
      'pipeline',
      GRPC.UNAVAILABLE,
      503,
      message,
      { delayMs: error.retryAfterMs },
      { cause: error },
    );
  return new Refusal('pipeline', GRPC.INTERNAL, 500, message, undefined, { cause: error });
}
