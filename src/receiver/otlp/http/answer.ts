import type { ServerResponse } from 'node:http';
import { encodeRpcStatus } from '../../../otlp/rpc-status.ts';
import type { Refusal } from '../refusal.ts';

export const PROTOBUF = 'application/x-protobuf';
export const JSON_TYPE = 'application/json';

/** The empty `Export<Signal>ServiceResponse`, full success, in the encoding of the request. */
export function answerSuccess(response: ServerResponse, contentType: string): void {
  const body = contentType === JSON_TYPE ? '{}' : '';
  response.writeHead(200, { 'Content-Type': contentType, 'Content-Length': body.length }).end(body);
}

/** A `google.rpc.Status` in the encoding of the request. */
export function answerRefusal(response: ServerResponse, refusal: Refusal, contentType: string): void {
  const { grpcCode: code, message, retry } = refusal;
  const json = contentType === JSON_TYPE;
  const body = json ? Buffer.from(JSON.stringify({ code, message })) : encodeRpcStatus(code, message);
  response.writeHead(refusal.httpStatus, {
    'Content-Type': json ? JSON_TYPE : PROTOBUF,
    'Content-Length': body.length,
    ...(retry?.delayMs !== undefined && { 'Retry-After': String(Math.ceil(retry.delayMs / 1000)) }),
  });
  response.end(body);
}

/** What is no OTLP request at all is told in plain text, as the Collector does. */
export function answerText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, {
      'Content-Type': 'text/plain',
      'Content-Length': Buffer.byteLength(text),
      ...headers,
    })
    .end(text);
}
