import { readFileSync } from 'node:fs';
import type { Location } from './location.ts';
import type { Positions } from './position.ts';
import { ConfigError } from './problem.ts';
import { parseYaml } from './yaml.ts';

/** What a provider found: the text and what it means as YAML. */
export interface Retrieved {
  readonly text: string;
  readonly value: unknown;
  readonly positions: Positions;
}

/** Something the user should know once there is a logger. */
export interface Notice {
  readonly level: 'warn' | 'info';
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface ProviderContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  notice(notice: Notice): void;
}

type Provider = (location: Location, context: ProviderContext) => Retrieved;

const ENV_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function env({ opaque }: Location, context: ProviderContext): Retrieved {
  const colon = opaque.indexOf(':-');
  const name = colon < 0 ? opaque : opaque.slice(0, colon);
  if (!ENV_NAME.test(name))
    throw unavailable(
      `environment variable ${JSON.stringify(name)} has invalid name: must match regex ${ENV_NAME.source}`,
    );
  const text = context.env[name] ?? (colon < 0 ? undefined : opaque.slice(colon + 2));
  if (text === undefined)
    context.notice({
      level: 'warn',
      message: 'Configuration references unset environment variable',
      fields: { name },
    });
  else if (text === '' && context.env[name] !== undefined)
    context.notice({
      level: 'info',
      message: 'Configuration references empty environment variable',
      fields: { name },
    });
  return fragment(text ?? '', `env:${name}`);
}

function file({ opaque, label = opaque }: Location): Retrieved {
  let text: string;
  try {
    text = readFileSync(opaque, 'utf8');
  } catch (error) {
    throw unavailable(`unable to read the file file:${opaque}: ${(error as Error).message}`, error);
  }
  return document(text, label);
}

function yaml({ opaque, label = 'yaml' }: Location): Retrieved {
  return document(opaque, label);
}

/** Schemes of `--config` and `${scheme:value}`. */
export const PROVIDERS: Readonly<Record<string, Provider>> = { env, file, yaml };

/**
 * @throws {ConfigError} when there is no such provider or it can not deliver
 */
export function retrieve(location: Location, context: ProviderContext): Retrieved {
  const { scheme, opaque } = location;
  const provider = Object.hasOwn(PROVIDERS, scheme) ? PROVIDERS[scheme]! : undefined;
  if (!provider)
    throw unavailable(
      `scheme ${JSON.stringify(scheme)} is not supported for uri ${JSON.stringify(`${scheme}:${opaque}`)} ` +
        `(supported: ${Object.keys(PROVIDERS).join(', ')})`,
    );
  return provider(location, context);
}

function document(text: string, source: string): Retrieved {
  const { value, positions } = parseYaml(text, source);
  return { text, value: typeof value === 'string' ? text : value, positions };
}

/** Text that may be anything, a password for instance: what is not YAML is a string. */
function fragment(text: string, source: string): Retrieved {
  try {
    return document(text, source);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { text, value: text, positions: new Map() };
  }
}

function unavailable(message: string, cause?: unknown): ConfigError {
  return new ConfigError(message, [{ code: 'SPANLOOM_CONFIG_UNAVAILABLE', message, path: [] }], { cause });
}
