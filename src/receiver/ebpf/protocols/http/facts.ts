import type { ContextHeaders, RequestFacts, ResponseFacts } from '../protocol.ts';

/** What a request head says. What was cut away is undefined. */
export interface HttpRequest extends RequestFacts {
  readonly protocol: 'http';
  /** Path and query in origin form, whatever form the target has. */
  readonly target: string | undefined;
  readonly path: string | undefined;
  readonly query: string | undefined;
  readonly scheme: 'http' | 'https';
  /** The authority of the target, else the Host field: `name`, `name:port` or `[v6]:port`. */
  readonly authority: string | undefined;
  readonly userAgent: string | undefined;
  /** `1.0` or `1.1`. */
  readonly version: string | undefined;
  /** Content-Length, bytes. */
  readonly bodySize: number | undefined;
  readonly context: ContextHeaders;
  readonly isTelemetryExport: boolean;
}

/** What a response head says. */
export interface HttpResponse extends ResponseFacts {
  readonly protocol: 'http';
  /** The status code, 100 to 999; undefined where a gap hid it. */
  readonly status: number | undefined;
  /** Content-Length, bytes. */
  readonly bodySize: number | undefined;
}

const EXPORT_PATH = /\/v1\/(?:traces|metrics|logs)$/;
const EXPORT_CONTENT_TYPE = /^application\/(?:x-protobuf|json)\b/i;

/**
 * Whether a request is an OTLP/HTTP export: POST to a path that ends in the signal's, protobuf or JSON (OTLP
 * specification, "OTLP/HTTP Request"). Where the head was cut before the content type, method and path decide.
 */
export function isTelemetryExport(
  method: string | undefined,
  path: string | undefined,
  contentType: string | undefined,
  complete: boolean,
): boolean {
  if (method !== 'POST' || path === undefined || !EXPORT_PATH.test(path)) return false;
  return contentType === undefined ? !complete : EXPORT_CONTENT_TYPE.test(contentType);
}

/** A request target (RFC 9112 3.2) taken apart. */
export interface Target {
  readonly target: string;
  readonly path: string | undefined;
  readonly query: string | undefined;
  readonly scheme: 'http' | 'https';
  readonly authority: string | undefined;
}

/** `method` decides about the authority form, which only CONNECT has. */
export function parseTarget(text: string, method: string): Target {
  if (method === 'CONNECT')
    return { target: text, path: undefined, query: undefined, scheme: 'http', authority: text };
  let scheme: 'http' | 'https' = 'http';
  let authority: string | undefined;
  let target = text;
  if (text.charCodeAt(0) !== 0x2f /* / */) {
    const absolute = /^(https?):\/\/([^/?#]*)(.*)$/is.exec(text);
    if (absolute) {
      if (absolute[1]!.length === 5) scheme = 'https';
      authority = absolute[2]!.slice(absolute[2]!.lastIndexOf('@') + 1);
      target = absolute[3]!.startsWith('/') ? absolute[3]! : `/${absolute[3]!}`;
    }
  }
  const question = target.indexOf('?');
  return {
    target,
    path: question < 0 ? target : target.slice(0, question),
    query: question < 0 ? undefined : target.slice(question + 1),
    scheme,
    authority,
  };
}
