import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { inRepository } from '../common/repository.ts';
import { type Case, IN_FLIGHT } from './cases.ts';

/** What the load generator saw of a collector, and what its sink got. */
export interface Seen {
  /** Length of the time measured. */
  readonly seconds: number;
  /** Spans acknowledged, and spans that arrived, within that time. */
  readonly acknowledged: number;
  readonly delivered: number;
  /** Times to acknowledgement within that time. */
  readonly p50Micros: number;
  readonly p99Micros: number;
  /** Spans in all. */
  readonly sent: number;
  readonly arrived: number;
  /** What arrived has the ids of what was sent. */
  readonly sameSpans: boolean;
  readonly malformed: number;
  readonly refusedRequests: number;
  readonly refusal: string;
}

/** Builds the generator (`bench/otlp/load`, Go without modules of others) and returns its path. */
export function buildLoad(): string {
  const program = inRepository('.cache/bench/otlp-load');
  execFileSync('go', ['build', '-o', program, '.'], {
    cwd: inRepository('bench/otlp/load'),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return program;
}

export interface Load {
  readonly program: string;
  readonly case: Case;
  readonly receiverPort: number;
  readonly sinkPort: number;
  /** Called when the time measured begins and when it ends. */
  begin(): void;
  end(): void;
}

/** Longer than traces are held: whatever is not there then is lost. */
const PATIENCE_SECONDS = 13;

/** Loads a collector and resolves when all its spans have arrived, or no more do. */
export async function runLoad(load: Load): Promise<Seen> {
  const { transport, spans, rate, warmUpRate, warmUp, measure } = load.case;
  const child = spawn(
    load.program,
    [
      ...[
        '-transport',
        transport,
        '-spans',
        String(spans),
        '-rate',
        String(rate),
        '-warm-up-rate',
        String(warmUpRate),
      ],
      ...['-target', `127.0.0.1:${load.receiverPort}`, '-sink', `127.0.0.1:${load.sinkPort}`],
      ...['-in-flight', String(IN_FLIGHT), '-warm-up', `${warmUp}s`, '-measure', `${measure}s`],
      ...['-patience', `${PATIENCE_SECONDS}s`],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    return await read(child, load);
  } finally {
    child.kill();
  }
}

async function read(child: ChildProcess, load: Load): Promise<Seen> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const { event, ...facts } = JSON.parse(line);
    if (event === 'begin') load.begin();
    else if (event === 'end') load.end();
    else return facts as Seen;
  }
  throw new Error('the load generator ended early; what it wrote stands above');
}
