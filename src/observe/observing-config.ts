import { plain } from '../collector/config/decode.ts';
import type { ConfigMap } from '../collector/config/merge.ts';
import { type ConfigSources, resolveConfig } from '../collector/config/resolve.ts';
import { SpanloomError } from '../error.ts';

export interface Observing {
  /** Without locations: every process that listens on a TCP port, and OTLP on its usual ports. */
  readonly sources: ConfigSources;
  /** A recording to take instead of the receivers. */
  readonly replay: string | undefined;
  /** A file to record to. */
  readonly record: string | undefined;
}

interface Pipeline {
  readonly receivers?: readonly string[] | null;
  readonly processors?: readonly string[] | null;
}

type Section = Record<string, unknown>;

interface Config {
  readonly receivers: Section;
  readonly processors: Section;
  readonly service: { readonly pipelines: Readonly<Record<string, Pipeline>> };
}

const DEFAULTS = {
  receivers: { ebpf: null, otlp: { protocols: { grpc: null, http: null } } },
  processors: { correlate: null },
  service: { pipelines: { traces: { receivers: ['ebpf', 'otlp'], processors: ['correlate'] } } },
} satisfies Config;

const typeOf = (id: string) => id.split('/', 1)[0]!.trim();
const isCorrelate = (id: string) => typeOf(id) === 'correlate';
const isSource = (id: string) => ['ebpf', 'otlp'].includes(typeOf(id));

/**
 * A configuration that takes in what the given one takes in and merges it in the same way, but sends it nowhere, records
 * only what it is asked to, and serves no metrics: it can run beside the one it stands for.
 *
 * @throws {ConfigError} when the configuration cannot be read
 * @throws {SpanloomError} `SPANLOOM_OBSERVE_RECEIVERS` when it names no `ebpf` receiver in a traces pipeline
 */
export function observingConfig({ sources, replay, record }: Observing): ConfigMap {
  const locations = sources.locations.length > 0 ? sources.locations : [`yaml:${JSON.stringify(DEFAULTS)}`];
  const config = plain(resolveConfig({ ...sources, locations }).value) as unknown as Config;
  const pipelines = Object.entries(config.service.pipelines)
    .filter(([id]) => typeOf(id) === 'traces')
    .map(([, pipeline]) => pipeline);
  const merging = pipelines.filter(({ processors }) => processors?.some(isCorrelate));
  const used = merging.length > 0 ? merging : pipelines;
  const correlate = merging[0]?.processors?.find(isCorrelate);
  const processors = config.processors;
  const receivers = replay === undefined ? receiversOf(used, config.receivers, record) : { ebpf: { replay } };
  const otlp = Object.keys(receivers).filter((id) => typeOf(id) === 'otlp');
  const elsewhere = { receivers: otlp, exporters: ['nop'] };
  return {
    receivers,
    processors: { correlate: (correlate && processors[correlate]) ?? null },
    exporters: { nop: null },
    service: {
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
      pipelines: {
        traces: { receivers: Object.keys(receivers), processors: ['correlate'], exporters: ['nop'] },
        // SDKs send metrics and logs as well, and complain where nobody takes them.
        ...(otlp.length > 0 && { metrics: elsewhere, logs: elsewhere }),
      },
    },
  };
}

function receiversOf(pipelines: readonly Pipeline[], all: Section, record: string | undefined): Section {
  const ids = new Set(pipelines.flatMap(({ receivers }) => receivers ?? []).filter(isSource));
  if (![...ids].some((id) => typeOf(id) === 'ebpf'))
    throw new SpanloomError(
      'SPANLOOM_OBSERVE_RECEIVERS',
      'The configuration names no ebpf receiver in a traces pipeline, so that there is nothing to see on the wire. ' +
        'Add one, give a recording (--replay), or leave --config out.',
    );
  return Object.fromEntries(
    [...ids].map((id) => {
      const section = all[id] ?? null;
      return [id, typeOf(id) === 'ebpf' ? watchingOnly(section as Section | null, record) : section];
    }),
  );
}

/** The file that the configuration records to is another's. */
function watchingOnly(ebpf: Section | null, record: string | undefined): Section {
  const { record: _, ...watching } = ebpf ?? {};
  return { ...watching, ...(record !== undefined && { record }) };
}
