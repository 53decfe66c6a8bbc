import type { Signal } from '../component.ts';
import { supports } from '../signal.ts';
import type { CollectorConfig, Configured, PipelineConfig } from './collector-config.ts';
import type { Path } from './position.ts';
import type { ConfigCode, ConfigProblem } from './problem.ts';
import { suggest } from './suggest.ts';
import { validateConnectors } from './validate-connectors.ts';

type Problems = Generator<ConfigProblem>;

/** What is wrong with a configuration as a whole: missing parts, names that lead nowhere, shapes that can not run. */
export function* validate(config: CollectorConfig): Problems {
  const { receivers, processors, exporters, connectors, extensions, service } = config;
  if ([receivers, processors, exporters, connectors, extensions].every((section) => section.size === 0)) {
    yield problem('SPANLOOM_CONFIG_INCOMPLETE', [], 'empty configuration file');
    return;
  }
  if (receivers.size === 0)
    yield problem('SPANLOOM_CONFIG_INCOMPLETE', [], 'no receiver configuration specified in config');
  if (exporters.size === 0)
    yield problem('SPANLOOM_CONFIG_INCOMPLETE', [], 'no exporter configuration specified in config');

  yield* unconfigured(['service', 'extensions'], 'extension', service.extensions, extensions);
  yield* repeated(['service', 'extensions'], 'extension', service.extensions);
  if (service.pipelines.length === 0)
    yield problem(
      'SPANLOOM_CONFIG_INCOMPLETE',
      ['service', 'pipelines'],
      'service must have at least one pipeline',
    );
  for (const pipeline of service.pipelines) yield* validatePipeline(pipeline, config);
  yield* validateConnectors(config);
}

function* validatePipeline(pipeline: PipelineConfig, config: CollectorConfig): Problems {
  const path = ['service', 'pipelines', pipeline.id];
  const { receivers, processors, exporters, signal } = pipeline;
  if (receivers.length === 0)
    yield problem('SPANLOOM_CONFIG_INCOMPLETE', path, 'must have at least one receiver');
  if (exporters.length === 0)
    yield problem('SPANLOOM_CONFIG_INCOMPLETE', path, 'must have at least one exporter');
  yield* repeated(path, 'processor', processors);
  yield* unconfigured(path, 'receiver', receivers, config.receivers, config.connectors);
  yield* unconfigured(path, 'processor', processors, config.processors);
  yield* unconfigured(path, 'exporter', exporters, config.exporters, config.connectors);
  yield* unsupported(path, 'receiver', signal, receivers, config.receivers);
  yield* unsupported(path, 'processor', signal, processors, config.processors);
  yield* unsupported(path, 'exporter', signal, exporters, config.exporters);
}

function* unconfigured(
  path: Path,
  kind: string,
  ids: readonly string[],
  ...configured: readonly ReadonlyMap<string, unknown>[]
): Problems {
  for (const id of ids)
    if (!configured.some((section) => section.has(id)))
      yield {
        ...problem(
          'SPANLOOM_CONFIG_REFERENCE',
          path,
          `references ${kind} ${JSON.stringify(id)} which is not configured`,
        ),
        suggestion: suggest(
          id,
          configured.flatMap((section) => [...section.keys()]),
        ),
      };
}

function* repeated(path: Path, kind: string, ids: readonly string[]): Problems {
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index)))
    yield problem(
      'SPANLOOM_CONFIG_REFERENCE',
      path,
      `references ${kind} ${JSON.stringify(id)} multiple times`,
    );
}

function* unsupported(
  path: Path,
  kind: string,
  signal: Signal,
  ids: readonly string[],
  configured: ReadonlyMap<string, Configured<object>>,
): Problems {
  for (const id of ids) {
    const component = configured.get(id);
    if (component && !supports(component.factory, signal))
      yield problem(
        'SPANLOOM_CONFIG_SIGNAL_UNSUPPORTED',
        path,
        `failed to create ${JSON.stringify(id)} ${kind} for data type ${JSON.stringify(signal)}: ` +
          'telemetry type is not supported',
      );
  }
}

function problem(code: ConfigCode, path: Path, message: string): ConfigProblem {
  return { code, path, message: path.length === 0 ? message : `${path.join('::')}: ${message}` };
}
