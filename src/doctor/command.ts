import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import type { CommandContext } from '../collector/command/context.ts';
import { CommandExit } from '../collector/command/execute.ts';
import { type ConfigOptions, configOptions, sourcesOf } from '../collector/command/options.ts';
import { milliseconds } from '../collector/command/program.ts';
import { SpanloomError } from '../error.ts';
import { observeMerge } from '../observe/observe-merge.ts';
import { type Screen, screenStyle } from '../terminal/paint.ts';
import { Doctor } from './doctor.ts';
import type { Report } from './report.ts';
import { renderReport } from './text/render.ts';

interface DoctorOptions extends ConfigOptions {
  readonly replay?: string;
  readonly record?: string;
  /** Milliseconds. */
  readonly for: number;
  readonly format: 'text' | 'json';
}

/** Exit codes. */
const PROBLEMS = 1;
const FAILED = 2;

/** `spanloom doctor`: watches for a while, or replays a recording, and says what is wrong with the traces and why. */
export function doctorCommand(
  context: CommandContext,
  screen: Screen,
  notify: (text: string) => void,
): Command {
  const command = new Command('doctor')
    .description(
      'Says who drops the trace context, which SDKs begin traces of their own, export late or not at all, and what cannot be seen or linked',
    )
    .option('--replay <file>', 'look at a recording (ebpf: {record: FILE}) instead of the running system')
    .option('--record <file>', 'keep what is seen, for --replay and `spanloom explain`')
    .addOption(
      new Option('--for <duration>', 'how long to watch').argParser(milliseconds).default(60_000, '60s'),
    )
    .addOption(
      new Option('--format <format>', 'for people or machines').choices(['text', 'json']).default('text'),
    )
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : new CommandExit(FAILED, { cause: error });
    })
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', '\nExit code: 0 no problem was found, 1 there are problems, 2 it could not look.')
    .action(async (options: DoctorOptions) => {
      const report = await examine(context, options, notify).catch((error: unknown) => {
        throw new CommandExit(FAILED, { cause: error });
      });
      context.print(
        options.format === 'json'
          ? `${JSON.stringify(report, null, 2)}\n`
          : renderReport(report, screenStyle(screen)),
      );
      if (!report.healthy) throw new CommandExit(PROBLEMS);
    });
  for (const option of configOptions()) command.addOption(option);
  return command;
}

async function examine(
  context: CommandContext,
  options: DoctorOptions,
  notify: (text: string) => void,
): Promise<Report> {
  const { replay, record } = options;
  if (replay !== undefined && record !== undefined)
    throw new SpanloomError(
      'SPANLOOM_DOCTOR_USAGE',
      'Give --replay or --record: a replay sees nothing new to keep.',
    );
  let doctor: Doctor | undefined;
  const collector = observeMerge(
    { sources: sourcesOf(options), replay, record },
    context.factories,
    (watched) => {
      doctor = new Doctor(watched);
      return doctor;
    },
  );
  await collector.start().catch((error: unknown) => {
    throw portTaken(error) ?? error;
  });
  if (replay === undefined) {
    notify(`Watching for ${options.for / 1000} s; Ctrl-C ends it earlier ...\n`);
    await Promise.race([collector.ended, until(options.for)]);
    await collector.shutdown();
  }
  await collector.ended;
  return doctor!.report(replay ?? null);
}

/** A collector that runs has the ports: what can be done then. */
function portTaken(error: unknown): SpanloomError | undefined {
  if (!(error instanceof SpanloomError) || error.code !== 'SPANLOOM_LISTEN') return undefined;
  return new SpanloomError(
    error.code,
    `${error.message}. A collector that runs there has the port: let it record (ebpf: {record: FILE}) and look at that with --replay, ` +
      'or give the doctor another port (--set receivers.otlp.protocols.grpc.endpoint=localhost:14317, or http) and send SDKs there.',
    { cause: error },
  );
}

/** The time is up, or somebody does not want to wait so long. */
async function until(ms: number): Promise<void> {
  const early = new AbortController();
  const stop = () => early.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await sleep(ms, undefined, { signal: early.signal }).catch(() => {});
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
}
