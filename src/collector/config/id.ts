import type { Signal } from '../component.ts';
import { SIGNALS } from '../signal.ts';

/** `type[/name]` taken apart. */
export interface ComponentId {
  readonly type: string;
  /** Without a name: the empty string. */
  readonly name: string;
}

const TYPE = /^[a-zA-Z][0-9a-zA-Z_]{0,62}$/;
const NAME = /^[^\p{Z}\p{C}\p{S}]{1,1024}$/u;

/**
 * As `component.ID` of the Collector; blanks around both parts are ignored.
 *
 * @throws {SyntaxError} with the Collector's text
 */
export function parseId(text: string): ComponentId {
  const slash = text.indexOf('/');
  const type = (slash < 0 ? text : text.slice(0, slash)).trim();
  const quoted = JSON.stringify(text);
  if (type === '') {
    if (slash < 0) throw new SyntaxError('id must not be empty');
    throw new SyntaxError(`in ${quoted} id: the part before / should not be empty`);
  }
  if (!TYPE.test(type))
    throw new SyntaxError(
      `in ${quoted} id: invalid character(s) in type ${JSON.stringify(type)}: ` +
        'expected a letter, then at most 62 letters, digits or _',
    );
  if (slash < 0) return { type, name: '' };
  const name = text.slice(slash + 1).trim();
  if (name === '') throw new SyntaxError(`in ${quoted} id: the part after / should not be empty`);
  if (!NAME.test(name))
    throw new SyntaxError(
      `in ${quoted} id: invalid character(s) in name ${JSON.stringify(name)}: ` +
        'expected 1 to 1024 characters without blanks, control characters and symbols',
    );
  return { type, name };
}

export function formatId({ type, name }: ComponentId): string {
  return name === '' ? type : `${type}/${name}`;
}

/**
 * The signal of a pipeline id, `traces|metrics|logs[/name]`.
 *
 * @throws {SyntaxError} with the Collector's text
 */
export function pipelineSignal(id: ComponentId): Signal {
  const signal = SIGNALS.find((signal) => signal === id.type);
  if (!signal)
    throw new SyntaxError(
      `unknown pipeline signal: ${JSON.stringify(id.type)} (valid values: [${SIGNALS.join(' ')}])`,
    );
  return signal;
}
