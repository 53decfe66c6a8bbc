import { Command, InvalidArgumentError, Option } from 'commander';
import type { CommandContext } from '../collector/command/context.ts';
import { CommandExit } from '../collector/command/execute.ts';
import { type ConfigOptions, configOptions, sourcesOf } from '../collector/command/options.ts';
import { type Screen, screenStyle } from '../terminal/paint.ts';
import { explain } from './explain.ts';
import { renderExplanation } from './render.ts';

interface ExplainOptions extends ConfigOptions {
  readonly traceId?: string;
  readonly format: 'text' | 'json';
}

/** `spanloom explain`: why a span is where it is, from a recording or from the output of the `file` exporter. */
export function explainCommand(context: CommandContext, screen: Screen): Command {
  const command = new Command('explain')
    .description('Says why a span is where it is: the evidence that was considered, what won and why')
    .argument('<file>', 'a recording (ebpf: {record: FILE}), or the output of the file exporter (OTLP/JSON)')
    .argument('<span-id>', '16 hex digits', hex(16))
    .addOption(
      new Option(
        '--trace-id <id>',
        'the trace it is in or came in, where several have such a span',
      ).argParser(hex(32)),
    )
    .addOption(
      new Option('--format <format>', 'for people or machines').choices(['text', 'json']).default('text'),
    )
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : new CommandExit(1, { cause: error });
    })
    .configureOutput({ outputError: () => {} })
    .action(async (file: string, spanId: string, options: ExplainOptions) => {
      const { traceId, format } = options;
      const found = await explain(
        { file, spanId, traceId, sources: sourcesOf(options) },
        context.factories,
      ).catch((error: unknown) => {
        throw new CommandExit(1, { cause: error });
      });
      const { paint, width } = screenStyle(screen);
      context.print(
        format === 'json'
          ? `${JSON.stringify(found, null, 2)}\n`
          : found.spans.map((span) => renderExplanation(span, paint, width)).join('\n'),
      );
    });
  for (const option of configOptions()) command.addOption(option);
  return command;
}

function hex(digits: number): (text: string) => string {
  return (text) => {
    const id = text.toLowerCase();
    if (/^[0-9a-f]+$/.test(id) && id.length === digits) return id;
    throw new InvalidArgumentError(`expected ${digits} hex digits`);
  };
}
