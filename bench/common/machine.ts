import { cpus, loadavg, release, totalmem } from 'node:os';

/** What the numbers of a page depend on, as one paragraph. Taken when the run begins. */
export function machineFacts(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const [load] = loadavg();
  return (
    `${new Date().toISOString().slice(0, 10)}, ${processors.length} × ${processors[0]!.model.trim()}, ${memory} GiB, ` +
    `Linux ${release()}, Node ${process.versions.node}; load average before the run ${load!.toFixed(1)}.`
  );
}
