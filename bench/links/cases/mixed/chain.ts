import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from '../../../common/repository.ts';
import type { Place, Running } from '../../case.ts';
import { labelsIn, requestOf } from '../../label.ts';
import { http } from '../../load/http.ts';
import { listeningOn } from '../../observe.ts';
import { recordedLabels } from '../../records.ts';
import { pythonEnv, pythonProgram } from '../common/python.ts';
import { nginx } from '../nginx/program.ts';

/** How the services of the chain speak of traces. */
export interface Speech {
  /** Headers that the services without an SDK hand on. */
  readonly forwarded: readonly Header[];
  /** The share of its requests with which the first of these does. Default: all. */
  readonly forwardedShare?: number;
  /** The format that each SDK writes and reads, as `OTEL_PROPAGATORS` names it. Default: the SDKs' own, W3C. */
  readonly propagators?: { readonly front?: string; readonly back?: string };
  /** Share of the traces that the SDKs keep, each for the traces it starts. Default: all. */
  readonly sampled?: number;
  /** How long the SDKs gather spans before they export, milliseconds. */
  readonly exportDelayMs: number;
  /** How long traces are held, milliseconds. */
  readonly decisionWaitMs: number;
}

export type Header = 'traceparent' | 'b3';
const HEADERS: readonly Header[] = ['traceparent', 'b3'];

const SDKS = inRepository('.cache/sdks');
const SOURCES = inRepository('bench/links/cases/mixed');

/** Batches take a moment to arrive. */
const ARRIVAL_MS = 1000;

/** Calls of one request. */
export const CALLS = 4;

/** front (Node, SDK) → plain (Python) → back (Flask, SDK) → proxy (nginx) → an upstream that is not observed. */
export async function startChain(place: Place, speech: Speech): Promise<Running> {
  const [front, plain, back, proxy, grpc, otlpHttp] = (await place.ports(6)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const upstream = await place.upstream();
  const sampled = join(place.workDir, 'sampled');
  writeFileSync(sampled, '');
  const sdk = (name: 'front' | 'back', otlp: Readonly<Record<string, string>>) => ({
    SAMPLED: sampled,
    OTEL_SERVICE_NAME: name,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: String(speech.exportDelayMs),
    ...(speech.propagators?.[name] && { OTEL_PROPAGATORS: speech.propagators[name] }),
    ...(speech.sampled !== undefined && {
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: String(speech.sampled),
    }),
    ...otlp,
  });

  const program = nginx(
    { directory: place.workDir, port: proxy, upstreamPort: upstream.port, failingPort: upstream.port },
    { callMark: '4', drops: HEADERS.filter((header) => !speech.forwarded.includes(header)) },
  );
  await place.start({ name: 'proxy', cwd: place.workDir, ...program }, proxy);
  await place.start(
    {
      name: 'back',
      command: join(SDKS, 'python/bin/opentelemetry-instrument'),
      args: [join(SDKS, 'python/bin/python'), join(SOURCES, 'back.py')],
      env: pythonEnv({
        PORT: back,
        UPSTREAM: proxy,
        ...sdk('back', {
          OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${grpc}`,
        }),
      }),
    },
    back,
  );
  await place.start(
    pythonProgram('mixed/plain.py', {
      PORT: plain,
      UPSTREAM: back,
      OTEL_SERVICE_NAME: 'plain',
      FORWARDED: speech.forwarded.join(' '),
      SHARE: speech.forwardedShare ?? 1,
    }),
    plain,
  );
  await place.start(
    {
      name: 'front',
      command: process.execPath,
      args: [join(SOURCES, 'front.cjs')],
      env: {
        NODE_PATH: join(SDKS, 'javascript/node_modules'),
        PORT: String(front),
        UPSTREAM: String(plain),
        ...sdk('front', {
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlpHttp}`,
        }),
      },
    },
    front,
  );
  const made = () => [...recordedLabels(place), ...upstream.received];
  return {
    instrument: listeningOn(front, plain, back, proxy),
    load: http(front),
    calls: made,
    sampledOut: () => {
      const kept = new Set(labelsIn(readFileSync(sampled, 'latin1')).map(requestOf));
      return made().filter((label) => !kept.has(requestOf(label)));
    },
    otlp: { grpc, http: otlpHttp },
    settleMs: speech.exportDelayMs + ARRIVAL_MS,
    correlate: { overlap: 'nest', decision_wait: `${speech.decisionWaitMs}ms`, verify: { sample: 1 } },
  };
}
