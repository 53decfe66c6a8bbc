import type { SdkNode } from '../../correlate/node.ts';
import { localOf, remoteOf } from '../../observe/service-names.ts';
import type { Activity, UnreadReason } from '../../receiver/ebpf/exchange.ts';
import type { Socket } from '../../receiver/ebpf/message.ts';
import type { Finding } from '../report.ts';
import { Tally } from '../tally.ts';
import { count, type FindingKind, type Surroundings } from './kind.ts';

/** Ends of connections remembered: which comes first, the connection's record or what an SDK delivered over it, is open. */
const MAX_ENDS = 4096;

const WHAT: Readonly<Partial<Record<UnreadReason, string>>> = {
  encrypted: 'encrypted',
  http2: 'HTTP/2 (gRPC)',
  unrecognised: 'of a protocol that is not known here',
  unparseable: 'not what they began as',
};

const ACTION: Readonly<Partial<Record<UnreadReason, string>>> = {
  encrypted:
    'Requests on them give no zero-code spans. Give the service an OpenTelemetry SDK, or end TLS in front of it.',
  http2: 'Requests on them give no zero-code spans: give the service an OpenTelemetry SDK.',
};
const NO_SPANS = 'Requests on them, if there are any, give no zero-code spans.';

/** Connections whose bytes say nothing here: by service, what they are, and where they lead. */
export class UnreadConnections implements FindingKind {
  readonly #about: Surroundings;
  readonly #groups = new Tally(() => ({ connections: 0 }));
  /** Remote ends by local ends. */
  readonly #ends = new Map<string, string>();
  /** Ends over which SDKs have delivered. */
  readonly #delivering = new Set<string>();
  /** Where SDKs deliver: their connections are no requests. */
  readonly #telemetry = new Set<string>();

  constructor(about: Surroundings) {
    this.#about = about;
  }

  activity(activity: Activity): void {
    if (activity.type !== 'unread' || WHAT[activity.reason] === undefined) return;
    const { socket, reason, process } = activity;
    const server = socket.accepted ?? process.facts.listeningPorts.includes(socket.localPort);
    const where = server ? localOf(socket) : remoteOf(socket);
    this.#groups.row(this.#about.names.of(process), reason, server ? 'in' : 'out', where).counts
      .connections++;
    if (!server) this.#remember(socket);
  }

  spanReceived({ deliveredBy }: SdkNode): void {
    if (!deliveredBy) return;
    const key = `${deliveredBy.address}:${deliveredBy.port}`;
    if (this.#delivering.has(key)) return;
    this.#delivering.add(key);
    if (this.#delivering.size > MAX_ENDS) this.#delivering.delete(this.#delivering.values().next().value!);
    const remote = this.#ends.get(key);
    if (remote !== undefined) this.#telemetry.add(remote);
  }

  findings(): Finding[] {
    return this.#groups.rows().flatMap(({ names, counts }) => {
      const [service, reason, direction, where] = names as [string, UnreadReason, string, string];
      if (direction === 'out' && this.#telemetry.has(where)) return [];
      const { connections } = counts;
      const what = connections === 1 ? 'is' : 'are';
      return [
        {
          code: reason === 'encrypted' ? 'connections_encrypted' : 'connections_unread',
          severity: 'notice',
          service,
          peer: direction === 'out' ? where : null,
          peer_role: direction === 'out' ? 'callee' : null,
          seen: `${count(connections, 'connection')} ${direction === 'out' ? `of ${service} to ${where}` : `to ${where} of ${service}`} ${what} ${WHAT[reason] ?? reason}.`,
          action: ACTION[reason] ?? NO_SPANS,
          counts: { connections },
          examples: [],
        },
      ];
    });
  }

  #remember(socket: Socket): void {
    const key = `${socket.localAddress}:${socket.localPort}`;
    if (this.#delivering.has(key)) this.#telemetry.add(remoteOf(socket));
    this.#ends.set(key, remoteOf(socket));
    if (this.#ends.size > MAX_ENDS) this.#ends.delete(this.#ends.keys().next().value!);
  }
}
