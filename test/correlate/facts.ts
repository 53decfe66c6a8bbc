import { parseTarget } from '../../src/receiver/ebpf/protocols/http/facts.ts';
import { http } from '../../src/receiver/ebpf/protocols/http.ts';
import type {
  ContextHeaders,
  Protocol,
  RequestFacts,
  ResponseFacts,
} from '../../src/receiver/ebpf/protocols/protocol.ts';

/** What a request on the scene says. */
export interface Said {
  readonly protocol: Protocol;
  readonly request: RequestFacts;
}

export interface Headers {
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly 'x-request-id'?: string;
  readonly 'x-correlation-id'?: string;
  readonly b3?: string;
  /** False where the capture cut the header block. */
  readonly complete?: boolean;
}

/** An HTTP request: method and target, as its request line has them. */
export function httpRequest(line: string, headers: Headers = {}): Said {
  const [method, target] = line.split(' ') as [string, string];
  const {
    'x-request-id': requestId,
    'x-correlation-id': correlationId,
    complete = true,
    traceparent,
    tracestate,
    b3,
  } = headers;
  const context: ContextHeaders = {
    ...(traceparent !== undefined && { traceparent }),
    ...(tracestate !== undefined && { tracestate }),
    ...(b3 !== undefined && { others: { b3 } }),
    complete,
  };
  const facts = {
    protocol: 'http',
    operation: method,
    ...parseTarget(target, method),
    context,
    requestIds: [
      ...(requestId === undefined ? [] : [['x-request-id', requestId] as const]),
      ...(correlationId === undefined ? [] : [['x-correlation-id', correlationId] as const]),
    ],
    isTelemetryExport: false,
  } satisfies RequestFacts & Record<string, unknown>;
  return { protocol: http, request: facts };
}

export function httpResponse(status: number): ResponseFacts {
  const facts = { protocol: 'http', status, failed: status >= 500, bodySize: undefined };
  return facts;
}

/** A command to a database: it carries no context and no target. */
export function command(system: 'postgresql' | 'redis', operation: string): Said {
  return {
    protocol: DATABASES[system],
    request: { operation, target: undefined, context: undefined, requestIds: [] },
  };
}

const DATABASES = { postgresql: database('postgresql'), redis: database('redis') };

/** As much of a database protocol as the merge sees: it names its spans. */
function database(system: string): Protocol {
  return {
    name: system,
    recognise: () => 'no',
    createParser: () => ({ bytes() {}, gap() {}, close() {} }),
    describe: (exchange, _side, span) => {
      span.name(exchange.request?.operation ?? system);
      span.string('db.system.name', system);
    },
  };
}
