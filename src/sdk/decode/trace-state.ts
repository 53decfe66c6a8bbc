import type { TraceState } from '../readable-span.ts';

/** A `tracestate` header, kept as it is until it is changed. */
export class ParsedTraceState implements TraceState {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get(key: string): string | undefined {
    return this.#members().find(([name]) => name === key)?.[1];
  }

  /** W3C Trace Context, "Mutating the tracestate Field": what was changed comes first. */
  set(key: string, value: string): TraceState {
    return new ParsedTraceState(join([[key, value], ...this.#others(key)]));
  }

  unset(key: string): TraceState {
    return new ParsedTraceState(join(this.#others(key)));
  }

  serialize(): string {
    return this.#text;
  }

  #others(key: string): [string, string][] {
    return this.#members().filter(([name]) => name !== key);
  }

  #members(): [string, string][] {
    return this.#text.split(',').flatMap((member) => {
      const equals = member.indexOf('=');
      return equals < 0 ? [] : [[member.slice(0, equals).trim(), member.slice(equals + 1).trim()]];
    });
  }
}

function join(members: readonly [string, string][]): string {
  return members.map(([key, value]) => `${key}=${value}`).join(',');
}
