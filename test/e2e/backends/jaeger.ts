import { join } from 'node:path';
import { freePorts } from '../../../examples/shop/run/free-ports.ts';
import { ManagedProcess } from '../../../examples/shop/run/managed-process.ts';
import { spansOfJson } from '../../support/otlp-json.ts';
import { EXAMPLES, peer } from './peers.ts';

/** A Jaeger with its storage in memory. */
export interface Jaeger {
  /** Base URL for OTLP over HTTP. */
  readonly endpoint: string;
  /** A trace as it was stored, as an OTLP JSON request. */
  storedTrace(traceId: string): Promise<string>;
  /** What Jaeger warns of when it shows a trace: parents that are missing, clocks that disagree. */
  warnings(traceId: string): Promise<Warning[]>;
  /** The same from the older API, that of the user interface, which does not see that two processes share a host. */
  legacyWarnings(traceId: string): Promise<Warning[]>;
  stop(): Promise<void>;
}

export interface Warning {
  readonly traceId: string;
  readonly spanId: string;
  readonly text: string;
}

interface LegacyTrace {
  readonly data: readonly {
    readonly spans: readonly { readonly spanID: string; readonly warnings?: readonly string[] | null }[];
  }[];
}

/** `folder` has to exist; its log goes there. */
export async function startJaeger(folder: string): Promise<Jaeger> {
  const [otlp, query, queryGrpc] = (await freePorts(3)) as [number, number, number];
  const jaeger = new ManagedProcess({
    name: 'jaeger',
    command: peer('jaeger'),
    args: ['--config', join(EXAMPLES, 'jaeger/jaeger.yaml')],
    env: {
      JAEGER_OTLP_HTTP: `127.0.0.1:${otlp}`,
      JAEGER_QUERY_HTTP: `127.0.0.1:${query}`,
      JAEGER_QUERY_GRPC: `127.0.0.1:${queryGrpc}`,
    },
    logFile: join(folder, 'jaeger.log'),
  });
  const get = async (path: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${query}${path}`);
    const body = await response.text();
    if (!response.ok) throw new Error(`Jaeger answered ${response.status} to ${path}: ${body}`);
    return body;
  };
  const trace = async (traceId: string, parameters = ''): Promise<string> => {
    const { result } = JSON.parse(await get(`/api/v3/traces/${traceId}${parameters}`)) as { result: unknown };
    return JSON.stringify(result);
  };
  try {
    await jaeger.listening(otlp);
    await jaeger.listening(query);
  } catch (error) {
    await jaeger.stop();
    throw error;
  }
  return {
    endpoint: `http://127.0.0.1:${otlp}`,
    storedTrace: (traceId) => trace(traceId, '?raw_traces=true'),
    warnings: async (traceId) => {
      const warnings: Warning[] = [];
      for (const span of spansOfJson(await trace(traceId))) {
        const texts = span.attributes['@jaeger@warnings'] as readonly string[] | undefined;
        for (const text of texts ?? []) warnings.push({ traceId, spanId: span.spanId, text });
      }
      return warnings;
    },
    legacyWarnings: async (traceId) => {
      const { data } = JSON.parse(await get(`/api/traces/${traceId}`)) as LegacyTrace;
      return data.flatMap(({ spans }) =>
        spans.flatMap(({ spanID: spanId, warnings }) =>
          (warnings ?? []).map((text) => ({ traceId, spanId, text })),
        ),
      );
    },
    stop: () => jaeger.stop(),
  };
}
