import { z } from 'zod';

const LEVELS = ['none', 'basic', 'normal', 'detailed'] as const;

/** Which resource attributes become labels: `*` and `?` in names stand for any text and any character. */
const includeExclude = z.strictObject({
  included: z.array(z.string()).prefault([]),
  excluded: z.array(z.string()).prefault([]),
});

const address = {
  host: z.string().prefault('localhost'),
  port: z.int().min(0).max(65535).prefault(8888),
  with_resource_constant_labels: includeExclude.optional(),
};

const prometheus = z.strictObject({
  ...address,
  /** These metrics have no scope; accepted for the sake of configurations that set it. */
  without_scope_info: z.boolean().prefault(false),
  without_units: z.boolean().prefault(false),
  without_type_suffix: z.boolean().prefault(false),
});

/** The newer schema of the same exporter. */
const prometheusDevelopment = z.strictObject({
  ...address,
  without_scope_info: z.boolean().prefault(false),
  without_target_info: z.boolean().prefault(false),
  translation_strategy: z
    .enum([
      'underscore_escaping_with_suffixes',
      'underscore_escaping_without_suffixes',
      'no_utf8_escaping_with_suffixes',
      'no_translation',
    ])
    .prefault('underscore_escaping_with_suffixes'),
});

const exporter = z
  .strictObject({
    prometheus: prometheus.optional(),
    'prometheus/development': prometheusDevelopment.optional(),
  })
  .refine(
    (config) => Boolean(config.prometheus) !== Boolean(config['prometheus/development']),
    'a pull reader needs one exporter: prometheus',
  );

const reader = z
  .strictObject({
    pull: z.strictObject({ exporter }).optional(),
    /** Pushing is not implemented. */
    periodic: z.unknown().optional(),
  })
  .refine(({ pull, periodic }) => Boolean(pull) !== Boolean(periodic), 'a reader is either pull or periodic');

/** Without suffixes, and with the resource on every series: what dashboards of the Collector expect. */
const DEFAULT_READER = {
  pull: {
    exporter: {
      prometheus: {
        without_scope_info: true,
        without_units: true,
        without_type_suffix: true,
        with_resource_constant_labels: {},
      },
    },
  },
};

/** `service::telemetry::metrics`, the OpenTelemetry declarative configuration's schema of a meter provider. */
export const metricsConfig = z
  .strictObject({
    level: z
      .string()
      .transform((level) => level.toLowerCase())
      .pipe(z.enum(LEVELS))
      .prefault('normal'),
    readers: z.array(reader).prefault([DEFAULT_READER]),
    /** The Collector has ignored it since 0.123. */
    address: z.unknown().optional(),
    views: z.unknown().optional(),
  })
  .refine(
    ({ level, readers }) => level === 'none' || readers.length > 0,
    'collector telemetry metrics reader should exist when metric level is not none',
  );

const attribute = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** `service::telemetry::resource`: a map of attributes, or the declarative schema's list of them. */
export const resourceConfig = z
  .object({
    attributes: z
      .array(z.strictObject({ name: z.string(), value: attribute, type: z.string().optional() }))
      .optional(),
    schema_url: z.unknown().optional(),
    attributes_list: z.unknown().optional(),
    'detection/development': z.unknown().optional(),
  })
  .catchall(attribute);

export type MetricsConfig = z.output<typeof metricsConfig>;
export type ResourceConfig = z.output<typeof resourceConfig>;
export type IncludeExclude = z.output<typeof includeExclude>;
type Exporter = z.output<typeof exporter>;

/** Where and how the metrics are served, whichever schema said it. */
export interface PrometheusReader {
  readonly host: string;
  readonly port: number;
  /** `_total` after the names of counters. */
  readonly typeSuffix: boolean;
  /** Units, such as `_seconds`, in names that lack them. */
  readonly unitSuffix: boolean;
  readonly targetInfo: boolean;
  /** Resource attributes on every series; none when undefined. */
  readonly resourceLabels: IncludeExclude | undefined;
}

/** The readers that serve something: none at level `none`. */
export function prometheusReaders({ level, readers }: MetricsConfig): PrometheusReader[] {
  if (level === 'none') return [];
  return readers.flatMap(({ pull }) => (pull ? [prometheusReader(pull.exporter)] : []));
}

function prometheusReader(config: Exporter): PrometheusReader {
  const { prometheus: older, 'prometheus/development': newer } = config;
  const { host, port, with_resource_constant_labels: resourceLabels } = (older ?? newer)!;
  const suffixes = newer?.translation_strategy.endsWith('with_suffixes') ?? true;
  return {
    host,
    port,
    typeSuffix: suffixes && !older?.without_type_suffix,
    unitSuffix: suffixes && !older?.without_units,
    targetInfo: !newer?.without_target_info,
    resourceLabels,
  };
}

/** What is set below `service::telemetry` in these sections and has no effect, as paths. */
export function unusedTelemetry(metrics: MetricsConfig, resource: ResourceConfig | undefined): string[] {
  const unused: Record<string, boolean> = {
    'metrics::address': metrics.address !== undefined,
    'metrics::views': metrics.views !== undefined,
  };
  for (const [index, { periodic }] of metrics.readers.entries())
    unused[`metrics::readers[${index}]::periodic`] = periodic !== undefined;
  for (const key of ['schema_url', 'attributes_list', 'detection/development'])
    unused[`resource::${key}`] = resource?.[key] !== undefined;
  return Object.keys(unused).filter((path) => unused[path]);
}
