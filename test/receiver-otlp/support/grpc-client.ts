import { Client, credentials, type Metadata, type ServiceError } from '@grpc/grpc-js';

export const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
export const METRICS = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
export const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';

const GZIP = 2;
const bytes = (value: Buffer) => value;

export interface CallOptions {
  readonly path?: string;
  readonly deadlineMs?: number;
}

/** A client of grpc-js that sends and receives plain bytes. */
export class GrpcClient {
  readonly #client: Client;

  constructor(
    port: number,
    {
      gzip = false,
      channel = credentials.createInsecure(),
    }: { gzip?: boolean; channel?: ReturnType<typeof credentials.createInsecure> } = {},
  ) {
    this.#client = new Client(`127.0.0.1:${port}`, channel, {
      ...(gzip && { 'grpc.default_compression_algorithm': GZIP }),
      'grpc.ssl_target_name_override': 'localhost',
    });
  }

  /** Resolves with the response message; rejects with grpc-js's error. */
  call(message: Uint8Array, { path = TRACES, deadlineMs = 10_000 }: CallOptions = {}): Promise<Buffer> {
    return new Promise((done, failed) => {
      this.#client.makeUnaryRequest(
        path,
        bytes,
        bytes,
        Buffer.from(message),
        { deadline: Date.now() + deadlineMs },
        (error: ServiceError | null, response?: Buffer) => (error ? failed(error) : done(response!)),
      );
    });
  }

  /** The error of a call that must fail. */
  async failure(
    message: Uint8Array,
    options?: CallOptions,
  ): Promise<{ code: number; details: string; metadata: Metadata }> {
    try {
      await this.call(message, options);
    } catch (error) {
      return error as ServiceError;
    }
    throw new Error('the call succeeded, and it was to fail');
  }

  close(): void {
    this.#client.close();
  }
}
