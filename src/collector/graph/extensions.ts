import type { Extension } from '../component.ts';
import type { CollectorConfig } from '../config/collector-config.ts';
import { during } from '../config/problem.ts';
import type { Node } from './graph.ts';
import type { SettingsFactory } from './settings.ts';

export interface ExtensionNode extends Node {
  readonly component: Extension;
}

/** The extensions that run, in the order they start. */
export function buildExtensions(
  { extensions, service }: CollectorConfig,
  settings: SettingsFactory,
): ExtensionNode[] {
  return service.extensions.map((id) => {
    const { factory, config } = extensions.get(id)!;
    try {
      const component = factory.create(settings.settings('extension', id), config);
      return { kind: 'extension', id, component };
    } catch (error) {
      throw during(`failed to create extension ${JSON.stringify(id)}`, error);
    }
  });
}
