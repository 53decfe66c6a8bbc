import type { Signal } from '../../collector/component.ts';
import type { OtlpHttpConfig } from './config.ts';

/** Where requests of `signal` go (OTLP specification, "OTLP/HTTP Request"); undefined when no endpoint serves it. */
export function signalUrl(config: OtlpHttpConfig, signal: Signal): URL | undefined {
  const own = config[`${signal}_endpoint`];
  if (own !== undefined) return new URL(own);
  if (config.endpoint === undefined) return undefined;
  return new URL(`${config.endpoint.replace(/\/$/, '')}/v1/${signal}`);
}
