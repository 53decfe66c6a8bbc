import {
  type ClientHttp2Session,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { MAX_RESPONSE_BYTES } from '../client/limits.ts';
import { unframe } from './grpc-frame.ts';
import {
  decodeMessage,
  GRPC_STATUS,
  type GrpcOutcome,
  type GrpcStatus,
  statusOfHttp,
} from './grpc-status.ts';

const { NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_INADEQUATE_SECURITY } =
  constants;

/**
 * One unary call of gRPC over HTTP/2 (`grpc/doc/PROTOCOL-HTTP2.md`). Always resolves; what goes wrong on the way is
 * the status the specification gives it.
 *
 * @param body the framed request message.
 * @param timeoutMs milliseconds; zero or less: none.
 */
export function unaryCall(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body: Uint8Array,
  timeoutMs: number,
): Promise<GrpcOutcome> {
  return new Promise((resolve) => {
    let head: IncomingHttpHeaders | undefined;
    let trailers: IncomingHttpHeaders | undefined;
    let failure: Error | undefined;
    let early: GrpcOutcome | undefined;
    let size = 0;
    const chunks: Buffer[] = [];

    const stream = openStream(session, headers);
    if (stream instanceof Error) {
      resolve({ status: 'UNAVAILABLE', message: stream.message, unprocessed: true });
      return;
    }
    const abort = (outcome: GrpcOutcome) => {
      early ??= outcome;
      stream.close(NGHTTP2_CANCEL);
    };
    const timer =
      timeoutMs > 0
        ? setTimeout(abort, timeoutMs, {
            status: 'DEADLINE_EXCEEDED',
            message: `no answer within ${Math.round(timeoutMs)} ms`,
          })
        : undefined;

    stream.on('response', (received) => {
      head = received;
    });
    stream.on('trailers', (received) => {
      trailers = received;
    });
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_RESPONSE_BYTES) chunks.push(chunk);
      else abort({ status: 'INTERNAL', message: `the response is longer than ${MAX_RESPONSE_BYTES} bytes` });
    });
    stream.on('error', (error) => {
      failure = error;
    });
    stream.on('close', () => {
      clearTimeout(timer);
      // A trailers-only response carries the status in its only header block.
      const last = trailers ?? head;
      if (early) resolve(early);
      else if (last?.['grpc-status'] !== undefined) resolve(finished(last, head, chunks));
      else resolve(broken(head, stream.rstCode, failure, session.destroyed));
    });
    stream.end(body);
  });
}

function openStream(session: ClientHttp2Session, headers: OutgoingHttpHeaders) {
  try {
    return session.request(headers);
  } catch (error) {
    // The connection went away, or said so, since it was handed out.
    return error as Error;
  }
}

function finished(
  last: IncomingHttpHeaders,
  head: IncomingHttpHeaders | undefined,
  chunks: Buffer[],
): GrpcOutcome | Promise<GrpcOutcome> {
  const status: GrpcStatus = GRPC_STATUS[Number(last['grpc-status'])] ?? 'UNKNOWN';
  const message = decodeMessage(String(last['grpc-message'] ?? ''));
  if (status === 'OK') return withBody(chunks, head?.['grpc-encoding'] as string | undefined);
  const details = last['grpc-status-details-bin'];
  if (typeof details !== 'string') return { status, message };
  return { status, message, details: Buffer.from(details, 'base64') };
}

async function withBody(chunks: Buffer[], encoding: string | undefined): Promise<GrpcOutcome> {
  try {
    const data = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    return { status: 'OK', message: '', body: await unframe(data, encoding) };
  } catch (error) {
    return { status: 'INTERNAL', message: `the response can not be read: ${(error as Error).message}` };
  }
}

/** The outcome of a stream that ended without a gRPC status. */
function broken(
  head: IncomingHttpHeaders | undefined,
  resetCode: number | undefined,
  failure: Error | undefined,
  connectionLost: boolean,
): GrpcOutcome {
  const http = Number(head?.[':status'] ?? 0);
  if (http !== 0 && http !== 200)
    return {
      status: statusOfHttp(http),
      message: `HTTP status ${http} from something that is no gRPC server`,
    };
  if (resetCode === NGHTTP2_REFUSED_STREAM)
    return { status: 'UNAVAILABLE', message: 'the server refused the stream', unprocessed: true };
  if (connectionLost || (failure && 'syscall' in failure))
    return { status: 'UNAVAILABLE', message: `the connection was lost: ${failure?.message ?? 'closed'}` };
  if (resetCode === NGHTTP2_CANCEL) return { status: 'CANCELLED', message: 'the server cancelled the call' };
  if (resetCode === NGHTTP2_ENHANCE_YOUR_CALM)
    return { status: 'RESOURCE_EXHAUSTED', message: 'the server asked for calm' };
  if (resetCode === NGHTTP2_INADEQUATE_SECURITY)
    return { status: 'PERMISSION_DENIED', message: 'the server asks for a safer connection' };
  return {
    status: 'INTERNAL',
    message: failure?.message ?? 'the server closed the stream without sending trailers',
  };
}
