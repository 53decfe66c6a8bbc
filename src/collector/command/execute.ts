import { type Command, CommanderError } from 'commander';
import { SpanloomError } from '../../error.ts';

/** Ends a command with an exit code of its own; its cause, where there is one, is told like any error. */
export class CommandExit extends Error {
  constructor(
    readonly exitCode: number,
    options?: ErrorOptions,
  ) {
    super(`exit code ${exitCode}`, options);
  }
}

/**
 * Runs a command line as the Collector does: an error is told on standard error, in full and then in one line that says
 * that the collector ended, and makes the exit code 1.
 *
 * @param argv the arguments only, without program and script
 */
export async function execute(
  program: Command,
  argv: readonly string[],
  printError: (text: string) => void,
): Promise<number> {
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof CommandExit) {
      const { cause, exitCode } = error;
      if (cause !== undefined)
        printError(`Error: ${messageOf(cause)}${cause instanceof SpanloomError ? ` (${cause.code})` : ''}\n`);
      return exitCode;
    }
    const message = messageOf(error);
    const code = error instanceof SpanloomError ? ` (${error.code})` : '';
    printError(`Error: ${message}\n`);
    printError(
      `${goTime(new Date())} collector server run finished with error: ${message.split('\n', 1)[0]}${code}\n`,
    );
    return 1;
  }
}

function messageOf(error: unknown): string {
  if (error instanceof CommanderError) return error.message.replace(/^error: /, '');
  if (error instanceof SpanloomError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** As Go's standard logger writes it: `2026/11/23 15:04:05`, local time. */
function goTime(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('/');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}
