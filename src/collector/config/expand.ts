import { type Location, parseUri } from './location.ts';
import { isConfigMap } from './merge.ts';
import { type Path, type Position, under } from './position.ts';
import { ConfigError } from './problem.ts';
import { type ProviderContext, type Retrieved, retrieve } from './providers.ts';

/**
 * The value of a `${scheme:value}` that is all there is in its place. `value` is its text read as YAML; a field that
 * wants a string takes the text itself, so that `0123` stays `0123`.
 */
export class ExpandedValue {
  constructor(
    readonly value: unknown,
    readonly original: string,
  ) {}
}

/** Of one configuration, so that values that name each other end. */
const MAX_EXPANSIONS = 10_000;
const MAX_DEPTH = 100;

/** Replaces `${...}` in the values (never the keys) of a configuration, and then `$$` by `$`. */
export class Expander {
  #expansions = 0;

  constructor(
    readonly context: ProviderContext,
    /** Positions inside files that are included as a whole are added here. */
    readonly positions: Map<string, Position>,
  ) {}

  /** @throws {ConfigError} */
  expand(value: unknown, path: Path = []): unknown {
    if (path.length > MAX_DEPTH) throw this.#tooMany(path.slice(0, 8));
    if (typeof value === 'string') {
      const expanded = this.#expandText(value, path);
      return typeof expanded === 'string' ? unescapeDollars(expanded) : expanded;
    }
    if (Array.isArray(value)) return value.map((item, index) => this.expand(item, [...path, index]));
    if (isConfigMap(value))
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, this.expand(item, [...path, key])]),
      );
    return value;
  }

  /** Text still escaped, or a value that is ready. */
  #expandText(input: string, path: Path): string | ExpandedValue {
    let text = input;
    for (;;) {
      const reference = findReference(text);
      if (!reference) return text;
      if (++this.#expansions > MAX_EXPANSIONS) throw this.#tooMany(path);
      const found = this.#retrieve(text.slice(reference.start, reference.end), path);
      const whole = reference.start === 0 && reference.end === text.length;
      if (whole && typeof found.value !== 'string') {
        for (const [key, position] of under(path, found.positions)) this.positions.set(key, position);
        const value = this.expand(found.value, path);
        const original = this.#expandText(found.text, path);
        return new ExpandedValue(
          value,
          unescapeDollars(typeof original === 'string' ? original : original.original),
        );
      }
      text = text.slice(0, reference.start) + found.text + text.slice(reference.end);
    }
  }

  #retrieve(reference: string, path: Path): Retrieved {
    const location = this.#location(reference, path);
    try {
      return retrieve(location, this.context);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const problems = error.problems.map((problem) => ({ ...problem, path }));
      throw new ConfigError(error.message, problems, { cause: error });
    }
  }

  #location(reference: string, path: Path): Location {
    const uri = reference.slice(2, -1);
    if (uri.includes('$'))
      throw this.#error(`the uri ${JSON.stringify(uri)} contains unsupported characters ('$')`, path);
    if (!uri.includes(':') || /^\w*:-/.test(uri)) return { scheme: 'env', opaque: uri };
    const location = parseUri(uri);
    if (!location) throw this.#error(`invalid uri: ${JSON.stringify(uri)}`, path);
    return location;
  }

  #tooMany(path: Path): ConfigError {
    return this.#error('too many recursive expansions', path);
  }

  #error(message: string, path: Path): ConfigError {
    return new ConfigError(message, [{ code: 'SPANLOOM_CONFIG_EXPANSION', message, path }]);
  }
}

/** The first innermost `${...}` whose `$` is not itself escaped. */
function findReference(text: string): { start: number; end: number } | undefined {
  let from = 0;
  for (;;) {
    const close = text.indexOf('}', from);
    if (close < 0) return undefined;
    const start = text.lastIndexOf('${', close);
    if (start >= from) {
      let dollars = 0;
      while (start - dollars > from && text[start - dollars - 1] === '$') dollars++;
      if (dollars % 2 === 0) return { start, end: close + 1 };
    }
    from = close + 1;
  }
}

function unescapeDollars(text: string): string {
  return text.replaceAll('$$', () => '$');
}
