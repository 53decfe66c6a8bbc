import { type Logger, pino, stdTimeFunctions } from 'pino';
import { during } from '../config/problem.ts';
import type { LogsConfig } from '../config/schema.ts';
import { formatConsole } from './console.ts';

/** Written on the calling thread: a collector that dies has said why. */
interface Output {
  write(text: string): void;
}

/**
 * The logger that `service::telemetry::logs` asks for.
 *
 * @throws {SpanloomError} when an output can not be opened
 */
export function createLogger(config: LogsConfig): Logger {
  const outputs = config.output_paths.map(openOutput);
  const format = config.encoding === 'console' ? formatConsole : (line: string) => line;
  return pino(
    {
      level: pinoLevel(config.level),
      base: config.initial_fields,
      messageKey: 'msg',
      timestamp: () => stdTimeFunctions.isoTime().replace('"time"', '"ts"'),
      formatters: { level: (level) => ({ level }) },
    },
    {
      write(line: string) {
        const text = format(line);
        for (const output of outputs) output.write(text);
      },
    },
  );
}

function openOutput(path: string): Output {
  if (path === 'stdout') return pino.destination({ fd: 1, sync: true });
  if (path === 'stderr') return pino.destination({ fd: 2, sync: true });
  try {
    return pino.destination({ dest: path, sync: true, append: true });
  } catch (error) {
    throw during(`service::telemetry::logs::output_paths: can not open ${JSON.stringify(path)}`, error);
  }
}

function pinoLevel(level: LogsConfig['level']): string {
  return level === 'dpanic' || level === 'panic' ? 'fatal' : level;
}
