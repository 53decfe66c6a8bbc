import { rule, type Section } from '../rule.ts';

const IDS = 'correlate/identity.ts';
const ENDS = 'correlate/join/ends.ts';
const TRACE_ID = 'correlate/trace-id.ts';
const CONTEXT = 'correlate/context.ts';
const CORRELATOR = 'correlate/correlator.ts';
const CONNECTION = 'receiver/ebpf/tracker/connection.ts';

export const identity: Section = {
  title: 'Identity',
  rules: [
    rule(
      'name of a connection',
      'Both ends compute the same name, whichever sequence number is whose.',
      [CONNECTION, 'isnLow: Math.min(localIsn, remoteIsn)', 'isnLow: localIsn', 'tracker/tracker'],
      [CONNECTION, 'isnHigh: Math.max(localIsn, remoteIsn)', 'isnHigh: remoteIsn', 'tracker/tracker'],
    ),
    rule(
      'name of an exchange',
      'Connection, position and side make its span id: one for each request, another for each end.',
      [IDS, 'const positionLow = exchange.position >>> 0', 'const positionLow = 0', 'correlate/peer'],
      [IDS, "end === 'client' ? 1 : 2", '1', 'correlate/peer'],
      [IDS, 'Math.floor(exchange.position / 2 ** 32) >>> 0', '0', 'correlate/identity'],
      [
        IDS,
        'const { isnLow, isnHigh } = exchange.connection;',
        'const { isnHigh } = exchange.connection;\n  const isnLow = 0;',
        'correlate/identity',
      ],
    ),
    rule('exchanges twice', 'An end of an exchange that is known already is not taken again.', [
      ENDS,
      'if (this.#ends.has(node.spanId)) return false;',
      '',
      'correlate/hold',
    ]),
    rule(
      'peer',
      'The two ends of a connection at the same position are one exchange: the server under the client.',
      [ENDS, 'peer.peer = node;', '', 'correlate/peer'],
      [IDS, "exchange.side === 'client' ? 'server' : 'client'", 'exchange.side', 'correlate/peer'],
      [CORRELATOR, 'if (node.peer) this.#forest.join(node.peer.tree, node.tree);', '', 'correlate/peer'],
    ),
    rule(
      'Unix sockets in doubt',
      'Ends that may count positions differently are not tied.',
      [
        ENDS,
        'if (node.exchange.unaligned || peer.exchange.unaligned) return false;',
        '',
        'correlate/unix-socket',
      ],
      [ENDS, "!isUnix || node.exchange.side === 'client' || peer.open", 'true', 'correlate/unix-socket'],
      [CONNECTION, 'unaligned: message.unaligned === true', 'unaligned: false', 'tracker/unix-sockets'],
      [CONNECTION, ' || this.socket.path !== undefined', '', 'tracker/unix-sockets'],
    ),
    rule(
      'trace id: wire and SDKs first',
      'The id nearest the root that an SDK or the wire knows wins; else a hash of the root exchange.',
      [
        TRACE_ID,
        'if (firstKnown) return nearest.get(firstKnown)!;',
        '',
        'correlate/late',
        'correlate/wire-context',
      ],
      [TRACE_ID, 'known === undefined || nearest.has(root)', 'known === undefined', 'correlate/late'],
      [TRACE_ID, 'other === undefined || node.start < other.start', 'true', 'correlate/trace-id'],
    ),
    rule('formats of context', 'traceparent is believed before b3, sw8 and uber-trace-id.', [
      CONTEXT,
      "  ['traceparent', w3c],\n  ['b3', b3],",
      "  ['b3', b3],\n  ['traceparent', w3c],",
      'correlate/propagation/formats',
    ]),
    rule('cut headers', 'What was cut away is unknown, not absent.', [
      CONTEXT,
      "headers.complete ? 'none' : 'unknown'",
      "'none'",
      'correlate/propagation/formats',
    ]),
  ],
};
