import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PROTOCOL_VERSION,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_QUERY,
  ATTR_URL_SCHEME,
  ATTR_USER_AGENT_ORIGINAL,
} from '@opentelemetry/semantic-conventions';
import type { Exchange, Side } from '../../exchange.ts';
import type { RequestFacts, ResponseFacts, SpanSink } from '../protocol.ts';
import { ATTR_HTTP_REQUEST_BODY_SIZE, ATTR_HTTP_RESPONSE_BODY_SIZE } from '../semconv-unstable.ts';
import { describeServer, serverOf } from '../server-address.ts';
import type { HttpRequest, HttpResponse } from './facts.ts';
import { redactQuery } from './redact.ts';
import { KNOWN_METHODS } from './start-line.ts';

const KNOWN: ReadonlySet<string> = new Set(KNOWN_METHODS);
const DEFAULT_PORT = { http: 80, https: 443 } as const;

/** HTTP spans, semantic conventions 1.44. The name is the method: a path would give every user a name of their own. */
export function describeHttp(exchange: Exchange, side: Side, span: SpanSink): void {
  const request = isHttpRequest(exchange.request) ? exchange.request : undefined;
  const response = isHttpResponse(exchange.response) ? exchange.response : undefined;
  describeMethod(request?.operation, span);
  if (request) describeUrl(exchange, side, request, span);
  else describeServer(exchange, side, span);
  if (request?.userAgent !== undefined) span.string(ATTR_USER_AGENT_ORIGINAL, request.userAgent);
  if (request?.version !== undefined) span.string(ATTR_NETWORK_PROTOCOL_VERSION, request.version);
  if (request?.bodySize !== undefined) span.int(ATTR_HTTP_REQUEST_BODY_SIZE, request.bodySize);
  if (response?.bodySize !== undefined) span.int(ATTR_HTTP_RESPONSE_BODY_SIZE, response.bodySize);
  describeStatus(exchange, side, response, span);
}

function isHttpRequest(facts: RequestFacts | undefined): facts is HttpRequest {
  return facts !== undefined && 'protocol' in facts && facts.protocol === 'http';
}

function isHttpResponse(facts: ResponseFacts | undefined): facts is HttpResponse {
  return facts !== undefined && 'protocol' in facts && facts.protocol === 'http';
}

function describeMethod(method: string | undefined, span: SpanSink): void {
  if (method !== undefined && KNOWN.has(method)) {
    span.name(method);
    span.string(ATTR_HTTP_REQUEST_METHOD, method);
    return;
  }
  span.name('HTTP');
  span.string(ATTR_HTTP_REQUEST_METHOD, '_OTHER');
  if (method !== undefined) span.string(ATTR_HTTP_REQUEST_METHOD_ORIGINAL, method);
}

function describeUrl(exchange: Exchange, side: Side, request: HttpRequest, span: SpanSink): void {
  const socket = serverOf(exchange, side);
  const origin = parseAuthority(request.authority);
  const { host, port = socket.port } = origin ?? { host: socket.address };
  if (host !== '') span.string(ATTR_SERVER_ADDRESS, host);
  if (port !== undefined) span.int(ATTR_SERVER_PORT, port);
  const { scheme, path } = request;
  const query = request.query === undefined ? undefined : redactQuery(request.query);
  if (side === 'server') span.string(ATTR_URL_SCHEME, scheme);
  if (path === undefined) return;
  if (side === 'client') {
    // The name of a Unix socket is no host of a URL.
    if (!origin && socket.port === undefined) return;
    const shownHost = host.includes(':') ? `[${host}]` : host;
    const shownPort = port === undefined || port === DEFAULT_PORT[scheme] ? '' : `:${port}`;
    const shownQuery = query === undefined ? '' : `?${query}`;
    span.string(ATTR_URL_FULL, `${scheme}://${shownHost}${shownPort}${path}${shownQuery}`);
    return;
  }
  span.string(ATTR_URL_PATH, path);
  if (query) span.string(ATTR_URL_QUERY, query);
}

/** `host`, `host:port`, `[v6]` or `[v6]:port`; undefined where it is none of these. */
function parseAuthority(authority: string | undefined): { host: string; port?: number } | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(authority ?? '');
  if (!match) return undefined;
  const host = match[1] ?? match[2]!;
  return match[3] === undefined ? { host } : { host, port: Number(match[3]) };
}

function describeStatus(
  exchange: Exchange,
  side: Side,
  response: HttpResponse | undefined,
  span: SpanSink,
): void {
  const status = response?.status;
  if (status !== undefined) {
    span.int(ATTR_HTTP_RESPONSE_STATUS_CODE, status);
    if (status < (side === 'server' ? 500 : 400)) return;
    span.string(ATTR_ERROR_TYPE, String(status));
    span.error();
    return;
  }
  if (exchange.incomplete !== 'connection_closed' && exchange.incomplete !== 'process_exit') return;
  span.string(ATTR_ERROR_TYPE, '_OTHER');
  span.error();
}
