import type { RequestFacts, ResponseFacts } from '../protocol.ts';
import { CONTAINERS, hasFirstKey, ONLY_KEYS } from './commands.ts';

/** What a command says. */
export interface RedisRequest extends RequestFacts {
  readonly protocol: 'redis';
  /** The command as written, with the subcommand of container commands. */
  readonly command: string;
  /** The command with its keys, `?` for every other argument. */
  readonly text: string;
  /** Index of the database; undefined where the connection is older than the capture. */
  readonly database: string | undefined;
}

/** `OK`, or the prefix of the error: `ERR`, `WRONGTYPE`, `MOVED` … */
export interface RedisResponse extends ResponseFacts {
  readonly protocol: 'redis';
}

export const SUCCEEDED: RedisResponse = { protocol: 'redis', status: 'OK', failed: false };

/** `line` is the text of the error without its type. */
export function failedWith(line: string): RedisResponse {
  const prefix = /^[A-Z][A-Z0-9_]*(?= |$)/.exec(line);
  return { protocol: 'redis', status: prefix?.[0] ?? 'ERR', failed: true };
}

/** Arguments shown one by one; more are summed up. */
const MOST_SHOWN = 16;
const NO_IDS: RedisRequest['requestIds'] = [];

/** `args` are the first arguments, as far as they were captured; `count` is how many there are. */
export function requestFacts(
  args: readonly string[],
  count: number,
  database: string | undefined,
): RedisRequest {
  const name = args[0] ?? '';
  const upper = name.toUpperCase();
  const hasSubcommand = CONTAINERS.has(upper) && args[1] !== undefined;
  const command = hasSubcommand ? `${name} ${args[1]}` : name;
  const first = hasSubcommand ? 2 : 1;
  const shown = [command];
  for (let i = first; i < Math.min(count, first + MOST_SHOWN); i++) {
    const isKey = hasFirstKey(upper) && (i === 1 || ONLY_KEYS.has(upper));
    shown.push(isKey ? (args[i] ?? '?') : '?');
  }
  if (count > first + MOST_SHOWN) shown.push('...');
  return {
    protocol: 'redis',
    operation: command.toUpperCase(),
    target: undefined,
    context: undefined,
    requestIds: NO_IDS,
    command,
    text: shown.join(' '),
    database,
  };
}
