import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { Process } from '../receiver/ebpf/exchange.ts';
import type { ProcessFacts } from '../receiver/ebpf/process/facts.ts';
import { Groups } from './groups.ts';

/** The observed processes, by each of their ids and by the name of their service. */
export class ProcessIndex {
  /** With the facts they were last met with. */
  readonly #facts = new Map<Process, ProcessFacts>();
  readonly #byPid = new Groups<number, Process>();
  readonly #byService = new Groups<unknown, Process>();

  get size(): number {
    return this.#facts.size;
  }

  /** Adds the process; one that is known is met with what is known of it now. */
  add(process: Process): void {
    this.delete(process);
    const { facts } = process;
    this.#facts.set(process, facts);
    for (const pid of facts.namespacePids) this.#byPid.add(pid, process);
    this.#byService.add(serviceName(facts), process);
  }

  delete(process: Process): void {
    const facts = this.#facts.get(process);
    if (!facts) return;
    this.#facts.delete(process);
    for (const pid of facts.namespacePids) this.#byPid.delete(pid, process);
    this.#byService.delete(serviceName(facts), process);
  }

  /** Those that have this id in any namespace. */
  withPid(pid: number): Iterable<Process> {
    return this.#byPid.of(pid);
  }

  /** The only process of this service; undefined where there are several, or none. */
  onlyOf(service: unknown): Process | undefined {
    return this.#byService.count(service) === 1 ? this.#byService.first(service) : undefined;
  }
}

export function serviceName(facts: ProcessFacts): unknown {
  return facts.resource.find(([key]) => key === ATTR_SERVICE_NAME)?.[1];
}
