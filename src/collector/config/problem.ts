import { SpanloomError } from '../../error.ts';
import { formatPath, type Path, type Positions, positionOf } from './position.ts';

export type ConfigCode =
  | 'SPANLOOM_CONFIG_UNAVAILABLE'
  | 'SPANLOOM_CONFIG_SYNTAX'
  | 'SPANLOOM_CONFIG_EXPANSION'
  | 'SPANLOOM_CONFIG_UNKNOWN_KEY'
  | 'SPANLOOM_CONFIG_UNKNOWN_TYPE'
  | 'SPANLOOM_CONFIG_INVALID_ID'
  | 'SPANLOOM_CONFIG_INVALID_TYPE'
  | 'SPANLOOM_CONFIG_INVALID_VALUE'
  | 'SPANLOOM_CONFIG_INCOMPLETE'
  | 'SPANLOOM_CONFIG_REFERENCE'
  | 'SPANLOOM_CONFIG_SIGNAL_UNSUPPORTED'
  | 'SPANLOOM_CONFIG_CYCLE'
  | 'SPANLOOM_CONFIG_CLOCK';

/** One thing that is wrong with a configuration. */
export interface ConfigProblem {
  readonly code: ConfigCode;
  /** The sentence of the Collector, which people and tools search for. */
  readonly message: string;
  readonly path: Path;
  /** A name that exists and looks like the one that does not. */
  readonly suggestion?: string | undefined;
}

/**
 * A configuration that can not be used. Its `code` is the one of the first problem.
 *
 * ```ts
 * import { ConfigError, createCollector } from 'spanloom';
 *
 * try {
 *   await createCollector({ config: 'yaml:exporters: { debgu: }' }).start();
 * } catch (error) {
 *   if (error instanceof ConfigError) console.log(error.problems[0]?.suggestion); // debug
 * }
 * ```
 */
export class ConfigError extends SpanloomError {
  override readonly name = 'ConfigError';

  constructor(
    message: string,
    readonly problems: readonly ConfigProblem[],
    options?: ErrorOptions,
  ) {
    super(problems[0]?.code ?? 'SPANLOOM_CONFIG_INVALID_VALUE', message, options);
  }
}

/** The same error with the step that failed in front of its message. */
export function during(step: string, error: unknown): Error {
  const { message } = error as Error;
  if (error instanceof ConfigError)
    return new ConfigError(`${step}: ${message}`, error.problems, { cause: error });
  const code = error instanceof SpanloomError ? error.code : 'SPANLOOM_COLLECTOR_FAILED';
  return new SpanloomError(code, `${step}: ${message}`, { cause: error });
}

/** The problem's sentence, then where it is and what may have been meant, each on a line of its own. */
export function describeProblem(problem: ConfigProblem, positions: Positions): string {
  const position = positionOf(positions, problem.path);
  let text = problem.message;
  if (position)
    text += `\n    at ${formatPath(problem.path)} (${position.source}:${position.line}:${position.column})`;
  if (problem.suggestion !== undefined) text += `\n    did you mean ${JSON.stringify(problem.suggestion)}?`;
  return text;
}

/** All problems of a configuration whose values do not fit its schema. */
export function decodingError(problems: readonly ConfigProblem[], positions: Positions): ConfigError {
  const lines = problems.map((problem) => describeProblem(problem, positions));
  return new ConfigError(`decoding failed due to the following error(s):\n\n${lines.join('\n')}`, problems);
}

/** All problems of a configuration that fits its schema but makes no sense. */
export function validationError(problems: readonly ConfigProblem[], positions: Positions): ConfigError {
  return new ConfigError(problems.map((problem) => describeProblem(problem, positions)).join('\n'), problems);
}
