import type { Peer } from '../../src/otlp/batch.ts';
import type { Process, Thread } from '../../src/receiver/ebpf/exchange.ts';
import type { Runtime } from '../../src/receiver/ebpf/process/facts.ts';

export interface ActorOptions {
  readonly runtime?: Runtime;
  /** False for a program the capture does not watch: what it does leaves no activity. */
  readonly observed?: boolean;
  /** Its pid in each pid namespace, outermost first. */
  readonly pids?: readonly number[];
  /** Whether the connection its SDK exports over is seen. */
  readonly exporterSeen?: boolean;
}

/** A program on the scene. */
export class Actor {
  readonly process: Process;
  readonly observed: boolean;
  readonly exporterSeen: boolean;
  readonly main: Thread;
  readonly port: number;
  /** Its SDK's exporting connection, as the OTLP receiver sees it. */
  readonly exporter: Peer;
  #threads = 0;

  constructor(
    readonly service: string,
    number: number,
    options: ActorOptions,
  ) {
    const { runtime = 'native', observed = true, pids = [1000 + number], exporterSeen = true } = options;
    this.observed = observed;
    this.exporterSeen = exporterSeen;
    this.port = 8000 + number;
    this.exporter = { address: '127.0.0.1', port: 20_000 + number };
    this.process = {
      facts: {
        pid: pids[0]!,
        startTime: number,
        parentPid: 1,
        namespacePids: pids,
        executablePath: `/usr/bin/${service}`,
        commandArgs: [service],
        owner: undefined,
        runtime,
        netns: 1,
        listeningPorts: [this.port],
        containerId: undefined,
        resource: [
          ['service.name', service],
          ['process.pid', pids[0]!],
        ],
      },
    };
    this.main = this.thread();
  }

  /** One more thread of it. */
  thread(): Thread {
    return { process: this.process, tid: this.process.facts.pid + this.#threads++ };
  }
}
