import type { SdkNode } from '../correlate/node.ts';
import type { SpanFate } from '../correlate/observer.ts';
import type { ServiceNames } from '../observe/service-names.ts';
import type { Activity, Process } from '../receiver/ebpf/exchange.ts';
import type { ServiceRow } from './report.ts';
import { Tally } from './tally.ts';

/** The services that were seen at work, and how much of them. */
export class Services {
  readonly #names: ServiceNames;
  readonly #services = new Tally(() => ({ requests: 0, sdk_spans: 0 }));
  readonly #live = new Set<Process>();
  readonly #ended = new Tally(() => ({ processes: 0 }));
  readonly #runtimes = new Map<string, Set<string>>();

  constructor(names: ServiceNames) {
    this.#names = names;
  }

  activity(activity: Activity): void {
    if (activity.type === 'request') {
      const { process } = activity.thread;
      this.#live.add(process);
      if (activity.exchange.side === 'server') this.#services.row(this.#names.of(process)).counts.requests++;
    } else if (activity.type === 'process_exit' && this.#live.delete(activity.process)) {
      const name = this.#names.of(activity.process);
      this.#ended.row(name).counts.processes++;
      this.#runtime(name, activity.process);
    }
  }

  spanReceived(span: SdkNode, fate: SpanFate): void {
    if (fate !== 'duplicate') this.#services.row(this.#names.ofSpan(span)).counts.sdk_spans++;
  }

  rows(): ServiceRow[] {
    const processes = new Map<string, number>();
    for (const { names, counts } of this.#ended.rows()) processes.set(names[0]!, counts.processes);
    for (const process of this.#live) {
      const name = this.#names.of(process);
      processes.set(name, (processes.get(name) ?? 0) + 1);
      this.#runtime(name, process);
    }
    const names = new Set([...processes.keys(), ...this.#services.rows().map((row) => row.names[0]!)]);
    return [...names].sort().map((service) => ({
      service,
      processes: processes.get(service) ?? 0,
      runtimes: [...(this.#runtimes.get(service) ?? [])].sort(),
      ...this.#services.row(service).counts,
    }));
  }

  #runtime(service: string, { facts }: Process): void {
    const runtimes = this.#runtimes.get(service);
    if (runtimes) runtimes.add(facts.runtime);
    else if (this.#runtimes.size < 1000) this.#runtimes.set(service, new Set([facts.runtime]));
  }
}
