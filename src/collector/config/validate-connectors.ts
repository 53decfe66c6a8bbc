import type { Signal } from '../component.ts';
import { connects, SIGNALS } from '../signal.ts';
import type { CollectorConfig, PipelineConfig } from './collector-config.ts';
import type { ConfigCode, ConfigProblem } from './problem.ts';

type Problems = Generator<ConfigProblem>;

/** What is wrong with the connectors: ids taken twice, uses that lead nowhere, pipelines that feed themselves. */
export function* validateConnectors(config: CollectorConfig): Problems {
  for (const id of config.connectors.keys()) {
    yield* ambiguous(id, config);
    yield* unconnected(id, config);
  }
  const cycle = findCycle(config);
  if (cycle)
    yield {
      code: 'SPANLOOM_CONFIG_CYCLE',
      path: ['connectors'],
      message: `cycle detected: ${cycle.join(' -> ')}`,
    };
}

function* ambiguous(id: string, { exporters, receivers }: CollectorConfig): Problems {
  const taken = exporters.has(id) ? 'exporter' : receivers.has(id) ? 'receiver' : undefined;
  if (taken === undefined) return;
  const quoted = JSON.stringify(id);
  yield problem(
    'SPANLOOM_CONFIG_INVALID_ID',
    id,
    `connectors::${id}: ambiguous ID: Found both ${quoted} ${taken} and ${quoted} connector. ` +
      `Change one of the components' IDs to eliminate ambiguity (e.g. rename ${quoted} connector to ${JSON.stringify(`${id}/connector`)})`,
  );
}

/** Every signal in which a connector is used has to lead to, or come from, one that it can turn it into. */
function* unconnected(id: string, { connectors, service: { pipelines } }: CollectorConfig): Problems {
  const { factory } = connectors.get(id)!;
  const into = pipelines.filter(({ exporters }) => exporters.includes(id));
  const outOf = pipelines.filter(({ receivers }) => receivers.includes(id));
  for (const from of signalsOf(into))
    if (!outOf.some(({ signal }) => connects(factory, from, signal)))
      yield problem('SPANLOOM_CONFIG_REFERENCE', id, unused(id, 'exporter', 'receiver', named(into, from)));
  for (const to of signalsOf(outOf))
    if (!into.some(({ signal }) => connects(factory, signal, to)))
      yield problem('SPANLOOM_CONFIG_REFERENCE', id, unused(id, 'receiver', 'exporter', named(outOf, to)));
}

function signalsOf(pipelines: readonly PipelineConfig[]): Signal[] {
  return SIGNALS.filter((signal) => pipelines.some((pipeline) => pipeline.signal === signal));
}

function named(pipelines: readonly PipelineConfig[], signal: Signal): string[] {
  return pipelines.filter((pipeline) => pipeline.signal === signal).map(({ id }) => id);
}

function unused(id: string, as: string, other: string, pipelines: readonly string[]): string {
  return (
    `connector ${JSON.stringify(id)} used as ${as} in [${pipelines.join(' ')}] pipeline ` +
    `but not used in any supported ${other} pipeline`
  );
}

/** A way from a connector back to itself, stage by stage in the Collector's words; the first that there is. */
function findCycle({ connectors, service: { pipelines } }: CollectorConfig): string[] | undefined {
  const settled = new Set<PipelineConfig>();
  const visit = (pipeline: PipelineConfig, path: readonly Step[]): string[] | undefined => {
    const loop = path.findIndex((step) => step.pipeline === pipeline);
    if (loop >= 0) return describe(path.slice(loop));
    if (settled.has(pipeline)) return undefined;
    for (const id of pipeline.exporters) {
      const connector = connectors.get(id);
      if (!connector) continue;
      for (const next of pipelines) {
        if (!next.receivers.includes(id) || !connects(connector.factory, pipeline.signal, next.signal))
          continue;
        const found = visit(next, [...path, { pipeline, connector: id, to: next.signal }]);
        if (found) return found;
      }
    }
    settled.add(pipeline);
    return undefined;
  };
  for (const pipeline of pipelines) {
    const found = visit(pipeline, []);
    if (found) return found;
  }
  return undefined;
}

/** A pipeline, and the connector by which it is left. */
interface Step {
  readonly pipeline: PipelineConfig;
  readonly connector: string;
  readonly to: Signal;
}

function describe(loop: readonly Step[]): string[] {
  const name = ({ connector, pipeline, to }: Step) =>
    `connector ${JSON.stringify(connector)} (${pipeline.signal} to ${to})`;
  const first = loop.at(-1)!;
  return [
    name(first),
    ...loop.flatMap((step) => [
      ...step.pipeline.processors.map(
        (id) => `processor ${JSON.stringify(id)} in pipeline ${JSON.stringify(step.pipeline.id)}`,
      ),
      name(step),
    ]),
  ];
}

function problem(code: ConfigCode, id: string, message: string): ConfigProblem {
  return { code, path: ['connectors', id], message };
}
