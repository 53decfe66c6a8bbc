import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { AttributeValue } from '../otlp/attribute-value.ts';
import type { Peer } from '../otlp/batch.ts';
import type { ResourceEnvelope } from '../otlp/envelope.ts';
import type { Activity, Process } from '../receiver/ebpf/exchange.ts';
import { ProcessIndex, serviceName } from './process-index.ts';

/** Stable from the process conventions' release candidate on; not yet among the stable names of the package. */
const ATTR_PROCESS_PID = 'process.pid';

/**
 * Connections remembered, and as many of those before: far more than exporters hold, and a batch comes within milliseconds
 * of its connection's record.
 */
const MAX_CONNECTIONS = 16_384;

/**
 * Whose process sent an OTLP batch: the observed owner of the connection that delivered it, unless its resource states
 * the id of another process (a gateway delivers for many); else the process of the id it states; else the only
 * process of that service name.
 */
export class BatchOwners {
  #connections = new Map<string, Process>();
  #olderConnections = new Map<string, Process>();
  readonly #processes = new ProcessIndex();

  observe(activity: Activity): void {
    switch (activity.type) {
      case 'connection':
        // An OTLP receiver listens on TCP.
        if (activity.state === 'open' && activity.socket.path === undefined)
          this.#remember(endpoint(activity.socket.localAddress, activity.socket.localPort), activity.process);
        return;
      case 'process':
        this.#processes.add(activity.process);
        return;
      case 'process_exit':
        this.#processes.delete(activity.process);
    }
  }

  /** Some process is known that batches could be of. */
  get any(): boolean {
    return this.#connections.size + this.#olderConnections.size > 0 || this.#processes.size > 0;
  }

  of(peer: Peer | undefined, resource: ResourceEnvelope): Process | undefined {
    if (!this.any) return undefined;
    const deliverer = peer && this.#holder(endpoint(peer.address, peer.port));
    if (deliverer === undefined) return this.#byResource(resource);
    const pid = resource.attribute(ATTR_PROCESS_PID);
    return pid === undefined || hasPid(deliverer, pid) ? deliverer : this.#byResource(resource);
  }

  #remember(key: string, process: Process): void {
    this.#connections.set(key, process);
    if (this.#connections.size < MAX_CONNECTIONS) return;
    this.#olderConnections = this.#connections;
    this.#connections = new Map();
  }

  #holder(key: string): Process | undefined {
    return this.#connections.get(key) ?? this.#olderConnections.get(key);
  }

  #byResource(resource: ResourceEnvelope): Process | undefined {
    const service = resource.attribute(ATTR_SERVICE_NAME);
    const pid = resource.attribute(ATTR_PROCESS_PID);
    if (pid !== undefined) return this.#byPid(Number(pid), service);
    return service === undefined ? undefined : this.#processes.onlyOf(service);
  }

  #byPid(pid: number, service: unknown): Process | undefined {
    let found: Process | undefined;
    for (const process of this.#processes.withPid(pid)) {
      if (this.#contradicts(process, service)) continue;
      if (found) return undefined;
      found = process;
    }
    return found;
  }

  /** The same number can name another process in another pid namespace; a service name that was set tells them apart. */
  #contradicts(process: Process, service: unknown): boolean {
    return (
      process.facts.namespacePids.length > 1 &&
      service !== undefined &&
      serviceName(process.facts) !== service
    );
  }
}

function hasPid(process: Process, pid: AttributeValue): boolean {
  return process.facts.namespacePids.includes(Number(pid));
}

function endpoint(address: string, port: number): string {
  return `${address}:${port}`;
}
