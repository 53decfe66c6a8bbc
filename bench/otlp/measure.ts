import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../examples/shop/run/free-ports.ts';
import { ManagedProcess } from '../../examples/shop/run/managed-process.ts';
import { cpuNanos, residentBytes } from '../common/process-stat.ts';
import { quantile } from '../common/statistics.ts';
import type { Case } from './cases.ts';
import { type CollectorProgram, configuration } from './collectors.ts';
import { runLoad, type Seen } from './load-program.ts';

/** One run of one collector. */
export interface Measurement extends Seen {
  /** CPU time of the collector within the time measured, seconds. */
  readonly cpuSeconds: number;
  /** Resident memory within the time measured: median and largest, bytes. */
  readonly residentMedian: number;
  readonly residentPeak: number;
}

const RESIDENT_EVERY_MS = 100;

/** A fresh process, loaded, measured, and stopped when every span has arrived. */
export async function measure(
  collector: CollectorProgram,
  of: Case,
  loadProgram: string,
  workDir: string,
): Promise<Measurement> {
  const [receiverPort, sinkPort] = (await freePorts(2)) as [number, number];
  const config = join(workDir, `${collector.name}.json`);
  writeFileSync(config, JSON.stringify(configuration(collector, of, receiverPort, sinkPort)));
  const running = new ManagedProcess({
    name: collector.name,
    command: collector.command,
    args: [...collector.args, '--config', config],
    logFile: join(workDir, `${collector.name}.log`),
  });
  let sampling: NodeJS.Timeout | undefined;
  try {
    await running.listening(receiverPort);
    let cpu = 0;
    const resident: number[] = [];
    const seen = await runLoad({
      program: loadProgram,
      case: of,
      receiverPort,
      sinkPort,
      begin: () => {
        cpu = -cpuNanos(running.pid);
        sampling = setInterval(() => resident.push(residentBytes(running.pid)), RESIDENT_EVERY_MS);
      },
      end: () => {
        cpu += cpuNanos(running.pid);
        clearInterval(sampling);
      },
    });
    if (running.exit !== undefined) throw running.failure(running.exit);
    return {
      ...seen,
      cpuSeconds: cpu / 1e9,
      residentMedian: quantile(resident, 0.5),
      residentPeak: Math.max(...resident),
    };
  } finally {
    clearInterval(sampling);
    await running.stop();
  }
}
