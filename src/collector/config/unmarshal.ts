import type { ZodType } from 'zod';
import type { Factories } from '../component.ts';
import { SIGNALS } from '../signal.ts';
import { unusedTelemetry } from '../telemetry/config.ts';
import { unusedTraces } from '../telemetry/traces/config.ts';
import type { CollectorConfig, Configured, PipelineConfig } from './collector-config.ts';
import { decode, plain } from './decode.ts';
import { ExpandedValue } from './expand.ts';
import { formatId, parseId, pipelineSignal } from './id.ts';
import { describeIssue, goTypeOf, type SectionProblem } from './issue.ts';
import { isConfigMap } from './merge.ts';
import type { Path } from './position.ts';
import { decodingError, during } from './problem.ts';
import type { Notice } from './providers.ts';
import type { ResolvedConfig } from './resolve.ts';
import { type TelemetryConfig, type TopLevel, topLevel } from './schema.ts';
import { suggest } from './suggest.ts';

/** A configuration that fits its schema. It is usable when `problems` is empty. */
export interface Unmarshalled {
  readonly config: CollectorConfig;
  readonly problems: readonly SectionProblem[];
  readonly notices: readonly Notice[];
}

/** What the factories of all kinds have in common. */
interface AnyFactory {
  readonly type: string;
  readonly aliases?: readonly string[];
  readonly config: ZodType;
}

type SectionName = Exclude<keyof TopLevel, 'service'>;

/**
 * Finds the factory of every component and reads its section.
 *
 * @throws {ConfigError} naming everything that does not fit
 */
export function unmarshal(resolved: ResolvedConfig, factories: Factories): Unmarshalled {
  const unmarshaller = new Unmarshaller(resolved);
  const top = decode(topLevel, resolved.value);
  if ('issues' in top) {
    unmarshaller.problems.push(
      ...top.issues.flatMap((issue) =>
        describeIssue(issue, { schema: topLevel, input: top.input, path: [] }),
      ),
    );
  }
  const components = {
    receivers: unmarshaller.section('receivers', factories.receivers),
    processors: unmarshaller.section('processors', factories.processors),
    exporters: unmarshaller.section('exporters', factories.exporters),
    connectors: unmarshaller.section('connectors', factories.connectors ?? []),
    extensions: unmarshaller.section('extensions', factories.extensions),
  };
  const service = 'value' in top ? unmarshaller.service(top.value.service) : undefined;

  const { problems, notices } = unmarshaller;
  if (!service || problems.some(({ decoding }) => decoding))
    throw during('cannot unmarshal the configuration', decodingError(problems, resolved.positions));
  return { config: { ...components, service }, problems, notices };
}

class Unmarshaller {
  readonly problems: SectionProblem[] = [];
  readonly notices: Notice[] = [];

  constructor(readonly resolved: ResolvedConfig) {}

  section<Factory extends AnyFactory>(name: SectionName, factories: readonly Factory[]) {
    const section = new Map<string, Configured<Factory>>();
    const bodies = this.resolved.value[name];
    if (!isConfigMap(bodies)) return section;
    for (const [key, body] of Object.entries(bodies)) {
      const id = this.#id(key, name, section);
      if (id === undefined) continue;
      const { type } = parseId(key);
      const factory = factories.find((factory) => factory.type === type || factory.aliases?.includes(type));
      if (!factory) this.#unknownType(name, key, type, factories);
      else {
        if (factory.type !== type) this.#deprecated(id, type, factory.type);
        const config = this.#body(factory.config, body, [name, key]);
        section.set(id, { id, factory, config: config as never });
      }
    }
    return section;
  }

  service(service: TopLevel['service']): CollectorConfig['service'] {
    const path = ['service', 'pipelines'];
    const pipelines = new Map<string, PipelineConfig>();
    for (const [key, lists] of Object.entries(service.pipelines)) {
      const id = this.#id(key, path.join('.'), pipelines);
      if (id === undefined) continue;
      try {
        const signal = pipelineSignal(parseId(key));
        const at = [...path, key];
        pipelines.set(id, {
          id,
          signal,
          receivers: [...new Set(this.#ids(lists.receivers, [...at, 'receivers']))],
          processors: this.#ids(lists.processors, [...at, 'processors']),
          exporters: [...new Set(this.#ids(lists.exporters, [...at, 'exporters']))],
        });
      } catch (error) {
        const suggestion = suggest(parseId(key).type, SIGNALS);
        this.#invalidId([...path, key], path.join('.'), error, suggestion);
      }
    }
    const extensions = this.#ids(service.extensions, ['service', 'extensions']);
    for (const key of withoutEffect(service.telemetry))
      this.notices.push({
        level: 'warn',
        message: `service::telemetry::${key} is accepted for compatibility and has no effect`,
        fields: {},
      });
    return { telemetry: service.telemetry, extensions, pipelines: [...pipelines.values()] };
  }

  /** The id in its canonical spelling, unless it is invalid or taken. */
  #id(key: string, section: string, taken: ReadonlyMap<string, unknown>): string | undefined {
    const path = [...section.split('.'), key];
    try {
      const id = formatId(parseId(key));
      if (!taken.has(id)) return id;
      throw new SyntaxError(`duplicate name ${JSON.stringify(id)} after unmarshaling ${JSON.stringify(key)}`);
    } catch (error) {
      this.#invalidId(path, section, error);
      return undefined;
    }
  }

  #ids(references: readonly string[], path: Path): string[] {
    return references.flatMap((reference, index) => {
      try {
        return [formatId(parseId(reference))];
      } catch (error) {
        this.#invalidId([...path, index], [...path, index].join('.'), error);
        return [];
      }
    });
  }

  #body(schema: ZodType, body: unknown, path: readonly [SectionName, string]): unknown {
    const section = plain(body) === null ? {} : body;
    const content = section instanceof ExpandedValue ? section.value : section;
    const [name, id] = path;
    if (!isConfigMap(content)) {
      this.problems.push({
        code: 'SPANLOOM_CONFIG_INVALID_TYPE',
        message: `'${name}[${id}]' expected type 'map[string]interface {}', got unconvertible type '${goTypeOf(content)}'`,
        path,
        decoding: true,
      });
      return undefined;
    }
    const decoded = decode(schema, section);
    if ('value' in decoded) return decoded.value;
    for (const issue of decoded.issues)
      for (const problem of describeIssue(issue, { schema, input: decoded.input, path })) {
        const message = `'${name}' error reading configuration for ${JSON.stringify(id)}: ${problem.message}`;
        this.problems.push(problem.decoding ? { ...problem, message } : problem);
      }
    return undefined;
  }

  #unknownType(section: SectionName, id: string, type: string, factories: readonly AnyFactory[]): void {
    const types = factories.map((factory) => factory.type).sort();
    const names = factories.flatMap((factory) => [factory.type, ...(factory.aliases ?? [])]);
    const message =
      section === 'exporters' && type === 'logging'
        ? 'the logging exporter has been deprecated, use the debug exporter instead'
        : `unknown type: ${JSON.stringify(type)} for id: ${JSON.stringify(id)} (valid values: [${types.join(' ')}])`;
    this.problems.push({
      code: 'SPANLOOM_CONFIG_UNKNOWN_TYPE',
      message: `'${section}' ${message}`,
      path: [section, id],
      suggestion: suggest(type, names),
      decoding: true,
    });
  }

  #deprecated(id: string, alias: string, type: string): void {
    this.notices.push({
      level: 'warn',
      message: `${JSON.stringify(alias)} alias is deprecated; use ${JSON.stringify(type)} instead`,
      fields: { 'otelcol.component.id': id },
    });
  }

  #invalidId(path: Path, section: string, error: unknown, suggestion?: string): void {
    this.problems.push({
      code: 'SPANLOOM_CONFIG_INVALID_ID',
      message: `'${section}' ${(error as Error).message}`,
      path,
      suggestion,
      decoding: true,
    });
  }
}

/** Keys of `service::telemetry` that are set and that nothing reads. */
function withoutEffect({ logs, metrics, traces, resource }: TelemetryConfig): string[] {
  const unread = {
    'logs::sampling': logs.sampling !== undefined,
    'logs::processors': logs.processors !== undefined,
  };
  const keys = Object.entries(unread).flatMap(([key, set]) => (set ? [key] : []));
  return [...keys, ...unusedTraces(traces), ...unusedTelemetry(metrics, resource)];
}
