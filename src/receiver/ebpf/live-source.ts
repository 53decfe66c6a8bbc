import type { Logger } from 'pino';
import type { Settings } from '../../collector/component.ts';
import { VERSION } from '../../version.ts';
import { formatCapabilities } from './capture/capabilities.ts';
import { KernelCapture } from './capture/kernel.ts';
import type { RecordingWriter } from './capture/recording.ts';
import type { CaptureSink, CaptureSource } from './capture/source.ts';
import type { EbpfConfig } from './config.ts';
import { RuntimeContexts } from './context/runtime-contexts.ts';
import type { CaptureEvent, ProcessForkEvent } from './message.ts';
import { Builds } from './process/build.ts';
import type { ProcessFacts } from './process/facts.ts';
import { readHost } from './process/host.ts';
import { readStat } from './process/proc/stat.ts';
import { Selection } from './process/selection.ts';
import { ProcessSelector } from './process/selector.ts';
import { ATTR_PROCESS_PID } from './process/semconv.ts';

const PROC = '/proc';
const MIB = 1024 * 1024;

/** The running kernel, and the choice of processes it is asked about. */
export class LiveSource implements CaptureSource {
  readonly #capture: KernelCapture;
  readonly #selector: ProcessSelector;
  readonly #contexts: RuntimeContexts;
  readonly #recorder: RecordingWriter | undefined;
  readonly #logger: Logger;
  #sink: CaptureSink | undefined;

  constructor(
    settings: Pick<Settings, 'id' | 'clock' | 'counters' | 'logger'>,
    config: EbpfConfig,
    recorder: RecordingWriter | undefined,
  ) {
    const { clock, counters, id, logger } = settings;
    this.#logger = logger;
    this.#recorder = recorder;
    this.#capture = new KernelCapture({
      clock,
      counters,
      discovery: true,
      ringBytes: config.ring_buffer_mib * MIB,
      uprobes: config.uprobes,
      ...(recorder && { recorder }),
    });
    this.#contexts = new RuntimeContexts({ procRoot: PROC, capture: this.#capture, logger });
    this.#selector = new ProcessSelector({
      selection: new Selection(config),
      read: {
        procRoot: PROC,
        host: readHost(PROC),
        builds: new Builds(),
        distroVersion: VERSION,
        malformedAttributes: counters.counter('spanloom_ebpf_malformed_resource_attributes', {
          receiver: id,
        }),
      },
      clock,
      selected: (facts) => this.#selected(facts),
      deselected: (pid) => {
        this.#contexts.deselected(pid);
        this.#capture.unselect(pid);
      },
      warn: (message) => logger.warn(message),
    });
  }

  async start(sink: CaptureSink): Promise<void> {
    this.#sink = sink;
    const capabilities = KernelCapture.probe();
    for (const line of formatCapabilities(capabilities)) this.#logger.info(line);
    const records: CaptureSink = {
      event: (event) => this.#event(event),
      process: (facts) => sink.process(facts),
      drained: () => sink.drained(),
    };
    await this.#capture.start(records, capabilities);
    try {
      this.#selector.start();
    } catch (error) {
      await this.#capture.shutdown();
      throw error;
    }
  }

  async shutdown(): Promise<void> {
    this.#selector.stop();
    this.#contexts.close();
    await this.#capture.shutdown();
    await this.#recorder?.close();
  }

  /** The selector hears of a process before its messages come, and of its end or its next program after them. */
  #event(event: CaptureEvent): void {
    switch (event.type) {
      case 'fork':
        this.#forked(event);
        break;
      case 'listen':
        this.#selector.onListen(event.task.pid, event.port);
    }
    this.#sink!.event(event);
    if (event.type === 'exit') this.#selector.onExit(event.task.pid);
    else if (event.type === 'exec') this.#executed(event.task.pid);
  }

  /** The kernel side forgot which runtime the process had. */
  #executed(pid: number): void {
    this.#contexts.deselected(pid);
    this.#selector.onExec(pid);
    const facts = this.#selector.facts(pid);
    if (facts) this.#contexts.selected(facts);
  }

  /**
   * The kernel side captures the children of what it captures at once. One that is not chosen (it runs another program
   * by now) is let go; one that has ended already, waited for or not, was its parent's copy, and what it said waits in the ring.
   */
  #forked({ task, childPid, childStart }: ProcessForkEvent): void {
    const parent = this.#selector.facts(task.pid);
    this.#selector.onFork(task.pid, childPid);
    if (!parent || this.#selector.facts(childPid)) return;
    if (readStat(PROC, childPid)) this.#capture.unselect(childPid);
    else this.#observed(copyOf(parent, childPid, childStart));
  }

  #selected(facts: ProcessFacts): void {
    this.#observed(facts);
    this.#capture.select(facts.pid);
    this.#contexts.selected(facts);
  }

  #observed(facts: ProcessFacts): void {
    this.#recorder?.process(facts);
    this.#sink!.process(facts);
  }
}

/** What is known of a forked child that is gone. */
function copyOf(parent: ProcessFacts, pid: number, startTime: number): ProcessFacts {
  return {
    ...parent,
    pid,
    startTime,
    parentPid: parent.pid,
    namespacePids: [pid],
    resource: parent.resource.map(([key, value]) => [key, key === ATTR_PROCESS_PID ? pid : value]),
  };
}
