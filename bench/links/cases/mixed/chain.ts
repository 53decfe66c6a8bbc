import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from '../../../common/repository.ts';
import type { Place, Running } from '../../case.ts';
import { labelsIn, requestOf } from '../../label.ts';
import { http } from '../../load/http.ts';
import { withChildren } from '../../observe.ts';
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
  /** How long traces are held, as the configuration has it. Default: as long as usual. */
  readonly decisionWait?: string;
}

export type Header = 'traceparent' | 'b3';
const HEADERS: readonly Header[] = ['traceparent', 'b3'];

const SDKS = inRepository('.cache/sdks');
const SOURCES = inRepository('bench/links/cases/mixed');

/** Batches take a moment to arrive. */
const ARRIVAL_MS = 2000;

/** Calls of one request. */
export const CALLS = 4;

/** front (Node, SDK) → plain (Python) → back (Flask, SDK) → proxy (nginx) → an upstream that is not observed. */
export async function startChain(place: Place, speech: Speech): Promise<Running> {
  const ports = await takePorts(place);
  const upstream = await place.upstream();
  const sampled = join(place.workDir, 'sampled');
  writeFileSync(sampled, '');

  const started = [
    await place.start(proxy(place, speech, ports.proxy, upstream.port), ports.proxy),
    await place.start(back(speech, ports, sampled), ports.back),
    await place.start(plain(speech, ports), ports.plain),
    await place.start(front(speech, ports, sampled), ports.front),
  ];
  const made = () => [...recordedLabels(place), ...upstream.received];
  return {
    instrument: withChildren(...started.map(({ pid }) => pid)),
    load: http(ports.front),
    calls: made,
    sampledOut: () => {
      const kept = new Set(labelsIn(readFileSync(sampled, 'latin1')).map(requestOf));
      return made().filter((label) => !kept.has(requestOf(label)));
    },
    otlp: { grpc: ports.otlpGrpc, http: ports.otlpHttp },
    settleMs: speech.exportDelayMs + ARRIVAL_MS,
    correlate: {
      overlap: 'nest',
      verify: { sample: 1 },
      ...(speech.decisionWait !== undefined && { decision_wait: speech.decisionWait }),
    },
  };
}

interface Ports {
  readonly front: number;
  readonly plain: number;
  readonly back: number;
  readonly proxy: number;
  readonly otlpGrpc: number;
  readonly otlpHttp: number;
}

type Program = Parameters<Place['start']>[0];

async function takePorts(place: Place): Promise<Ports> {
  const [front, plain, back, proxy, otlpGrpc, otlpHttp] = await place.ports(6);
  return {
    front: front!,
    plain: plain!,
    back: back!,
    proxy: proxy!,
    otlpGrpc: otlpGrpc!,
    otlpHttp: otlpHttp!,
  };
}

function front(speech: Speech, ports: Ports, sampled: string): Program {
  return {
    name: 'front',
    command: process.execPath,
    args: [join(SOURCES, 'front.cjs')],
    env: {
      NODE_PATH: join(SDKS, 'javascript/node_modules'),
      PORT: String(ports.front),
      UPSTREAM: String(ports.plain),
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.otlpHttp}`,
      ...sdk('front', speech, sampled),
    },
  };
}

function plain({ forwarded, forwardedShare = 1 }: Speech, ports: Ports): Program {
  return pythonProgram('mixed/plain.py', {
    PORT: ports.plain,
    UPSTREAM: ports.back,
    OTEL_SERVICE_NAME: 'plain',
    FORWARDED: forwarded.join(' '),
    SHARE: forwardedShare,
  });
}

function back(speech: Speech, ports: Ports, sampled: string): Program {
  return {
    name: 'back',
    command: join(SDKS, 'python/bin/opentelemetry-instrument'),
    args: [join(SDKS, 'python/bin/python'), join(SOURCES, 'back.py')],
    env: pythonEnv({
      PORT: ports.back,
      UPSTREAM: ports.proxy,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${ports.otlpGrpc}`,
      ...sdk('back', speech, sampled),
    }),
  };
}

function proxy(place: Place, { forwarded }: Speech, port: number, upstreamPort: number): Program {
  const directory = place.workDir;
  const drops = HEADERS.filter((header) => !forwarded.includes(header));
  const program = nginx(
    { directory, port, upstreamPort, failingPort: upstreamPort },
    { callMark: '4', drops },
  );
  return { name: 'proxy', cwd: directory, ...program };
}

/** What both SDKs are told; `sampled` is the file in which programs record what they keep. */
function sdk(
  name: 'front' | 'back',
  { exportDelayMs, propagators, sampled: share }: Speech,
  sampled: string,
): Record<string, string> {
  return {
    SAMPLED: sampled,
    OTEL_SERVICE_NAME: name,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: String(exportDelayMs),
    ...(propagators?.[name] && { OTEL_PROPAGATORS: propagators[name] }),
    ...(share !== undefined && {
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: String(share),
    }),
  };
}
