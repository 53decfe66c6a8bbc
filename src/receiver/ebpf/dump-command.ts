import { Command } from 'commander';
import pino from 'pino';
import { SystemClock } from '../../collector/clock.ts';
import { Counters } from '../../collector/counters.ts';
import { SpanloomError } from '../../error.ts';
import { formatCapabilities } from './capture/capabilities.ts';
import { formatEvent } from './capture/dump.ts';
import { KernelCapture } from './capture/kernel.ts';
import { type EbpfConfig, ebpfConfig } from './config.ts';
import { LiveSource } from './live-source.ts';

interface DumpOptions {
  readonly openPorts?: string;
  readonly exePath?: string;
  readonly pid?: string[];
}

/** `spanloom dump`: prints what the kernel side sees, record by record, until interrupted. */
export function dumpCommand(print: (text: string) => void): Command {
  return new Command('dump')
    .description(
      'Prints the raw events of chosen processes until interrupted, and first what this machine offers',
    )
    .option('--open-ports <ports>', 'processes that listen on one of these, like "80,8000-8100"')
    .option('--exe-path <glob>', 'processes that run such a program')
    .option('--pid <pid...>', 'these processes')
    .action(async (options: DumpOptions) => {
      for (const line of formatCapabilities(KernelCapture.probe())) print(`${line}\n`);
      const source = new LiveSource(
        { id: 'dump', clock: new SystemClock(), counters: new Counters(), logger: pino({ enabled: false }) },
        selection(options),
        undefined,
      );
      await source.start({
        event: (event) => print(`${formatEvent(event)}\n`),
        process: ({ pid, executablePath, runtime }) =>
          print(`watching ${pid} ${executablePath} (${runtime})\n`),
        drained: () => {},
      });
      await new Promise((resolve) => {
        process.once('SIGINT', resolve);
        process.once('SIGTERM', resolve);
      });
      await source.shutdown();
    });
}

function selection({ openPorts, exePath, pid }: DumpOptions): EbpfConfig {
  const rule = {
    ...(openPorts !== undefined && { open_ports: openPorts }),
    ...(exePath !== undefined && { exe_path: exePath }),
    ...(pid !== undefined && { target_pids: pid.map(Number) }),
  };
  const parsed = ebpfConfig.safeParse(Object.keys(rule).length === 0 ? {} : { instrument: [rule] });
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map((issue) => `${issue.path.join('::')}: ${issue.message}`);
  throw new SpanloomError('SPANLOOM_DUMP_SELECTION', `Cannot choose processes: ${reasons.join('; ')}`);
}
