import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { MILLISECOND } from '../clock.ts';
import { parseDuration } from '../config/duration.ts';
import { suggest } from '../config/suggest.ts';
import { components } from './components.ts';
import type { CommandContext } from './context.ts';
import { type ConfigOptions, configOptions, sourcesOf } from './options.ts';
import { type PrintOptions, printConfig } from './print-config.ts';
import { run } from './run.ts';
import { validate } from './validate.ts';

interface RunOptions extends ConfigOptions {
  /** Milliseconds. */
  readonly drainTimeout: number;
}

/**
 * The command line of a collector. Add further subcommands to what it returns, and hand that to `execute`.
 */
export function createProgram(context: CommandContext): Command {
  const { command, version, description } = context.buildInfo;
  const program = new Command(command)
    .description(description)
    .version(`${command} version ${version}`, '-v, --version', 'print the version')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .addOption(
      new Option('--drain-timeout <duration>', 'how long a shutdown may take to hand on what was accepted')
        .argParser(milliseconds)
        .default(30_000, '30s'),
    )
    .allowExcessArguments()
    .action((options: RunOptions, { args: [unknown] }: Command) => {
      if (unknown !== undefined) throw unknownCommand(program, unknown);
      return run(context, sourcesOf(options), options.drainTimeout);
    });

  const validateCommand = subcommand('validate', 'Validates the config without running the collector');
  validateCommand.action((options: ConfigOptions) => validate(context, sourcesOf(options)));

  const printCommand = subcommand('print-config', 'Prints the configuration after expansion and merging')
    .alias('print-initial-config')
    .addOption(
      new Option('--mode <mode>', 'whether to show secrets')
        .choices(['redacted', 'unredacted'])
        .default('redacted'),
    )
    .addOption(new Option('--format <format>', 'output format').choices(['yaml', 'json']).default('yaml'))
    .option('--validate', 'validate the configuration first', false);
  printCommand.action((options: ConfigOptions & PrintOptions) =>
    printConfig(context, sourcesOf(options), options),
  );

  const componentsCommand = new Command('components')
    .description('Lists the components that configurations can name, as YAML')
    .action(() => components(context));

  for (const option of configOptions()) program.addOption(option);
  for (const child of [validateCommand, printCommand, componentsCommand])
    program.addCommand(child.copyInheritedSettings(program));
  return program;
}

export function milliseconds(text: string): number {
  try {
    return parseDuration(text) / MILLISECOND;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function unknownCommand(program: Command, name: string): CommanderError {
  const known = suggest(
    name,
    program.commands.map((command) => command.name()),
  );
  const hint = known === undefined ? '' : `\n    did you mean ${JSON.stringify(known)}?`;
  const message = `unknown command ${JSON.stringify(name)} for ${JSON.stringify(program.name())}${hint}`;
  return new CommanderError(1, 'commander.unknownCommand', message);
}

function subcommand(name: string, description: string): Command {
  const command = new Command(name).description(description);
  for (const option of configOptions()) command.addOption(option);
  return command;
}
