import { stringify } from 'yaml';
import type { Stability } from '../component.ts';
import { PROVIDERS } from '../config/providers.ts';
import { connects, SIGNALS, supports } from '../signal.ts';
import type { CommandContext } from './context.ts';

interface AnyFactory {
  readonly type: string;
  readonly stability: Stability;
}

/** Lists what configurations can name, in the YAML of the Collector's `components`. */
export function components({ factories, buildInfo, print }: CommandContext): void {
  const module = `${buildInfo.command} ${buildInfo.version}`;
  const bySignal = (factory: AnyFactory) => ({
    name: factory.type,
    module,
    stability: Object.fromEntries(
      [...SIGNALS]
        .sort()
        .map((signal) => [signal, supports(factory, signal) ? capitalised(factory.stability) : 'Undefined']),
    ),
  });
  const bySignals = (factory: AnyFactory) => ({
    name: factory.type,
    module,
    stability: Object.fromEntries(
      [...SIGNALS]
        .sort()
        .flatMap((from) => [...SIGNALS].sort().map((to) => [from, to] as const))
        .map(([from, to]) => [
          `${from}-to-${to}`,
          connects(factory, from, to) ? capitalised(factory.stability) : 'Undefined',
        ]),
    ),
  });
  const extension = (factory: AnyFactory) => ({
    name: factory.type,
    module,
    stability: { extension: capitalised(factory.stability) },
  });
  print(
    stringify({
      buildinfo: buildInfo,
      receivers: byName(factories.receivers).map(bySignal),
      processors: byName(factories.processors).map(bySignal),
      exporters: byName(factories.exporters).map(bySignal),
      connectors: byName(factories.connectors ?? []).map(bySignals),
      extensions: byName(factories.extensions).map(extension),
      providers: Object.keys(PROVIDERS).map((scheme) => ({ scheme, module })),
      converters: [],
    }),
  );
}

function byName(factories: readonly AnyFactory[]): AnyFactory[] {
  return [...factories].sort((a, b) => (a.type < b.type ? -1 : 1));
}

function capitalised(stability: Stability): string {
  return stability.slice(0, 1).toUpperCase() + stability.slice(1);
}
