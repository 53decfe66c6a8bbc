import { rule, type Section } from '../rule.ts';

const TRACKER = 'receiver/ebpf/tracker/tracker.ts';
const CONNECTION = 'receiver/ebpf/tracker/connection.ts';
const SWEEP = 'receiver/ebpf/tracker/unix-sweep.ts';

export const lives: Section = {
  title: 'Lives of connections and processes; what is one exchange',
  rules: [
    rule(
      'a connection that changes hands',
      'Each exchange is of the process that read or wrote its request.',
      [TRACKER, 'if (known.process !== process) {', 'if (known.process === undefined) {', 'tracker/tracker'],
    ),
    rule(
      'exec',
      'What a process did before is the program’s that it ran then; its connections go on.',
      [TRACKER, 'if (known) known.executed = true;', '', 'tracker/tracker'],
      [TRACKER, 'if (same && !known!.executed) {', 'if (false) {', 'tracker/tracker'],
      [TRACKER, 'if (known && same) this.#replaced(known.process, process);', '', 'tracker/tracker'],
    ),
    rule(
      'a process id used again',
      'Another start is another process: what was open is over.',
      [
        TRACKER,
        'known?.process.facts.startTime === facts.startTime',
        'known !== undefined',
        'tracker/tracker',
      ],
      [TRACKER, 'if (known && !same) this.#exit(known, facts.pid, this.#now);', '', 'tracker/tracker'],
      [TRACKER, 'known?.start === threadStart', 'known', 'tracker/tracker'],
    ),
    rule(
      'Unix connections that nobody closed',
      'Those that a look at all of them does not meet are over, unless used since or a record was lost.',
      [TRACKER, 'lastActive < alive.since && ', '', 'tracker/unix-sockets'],
      [TRACKER, 'socket.path !== undefined && lastActive', 'lastActive', 'tracker/unix-sockets'],
      [TRACKER, '!alive.cookies.has(socket.cookie)', 'true', 'tracker/unix-sockets'],
      [SWEEP, 'alive.cookies.size === count ? alive : undefined', 'alive', 'tracker/unix-sockets'],
    ),
    rule('positions', 'Bytes that were seen are not read twice, and a jump is a gap.', [
      CONNECTION,
      'if (end <= stream.next) return;',
      '',
      'tracker/tracker',
    ]),
    rule('telemetry', 'An SDK’s own exports are never spans.', [
      'receiver/ebpf/tracker/open-record.ts',
      'if (facts.isTelemetryExport) this.discard();\n    else this',
      'this',
      'tracker/tracker',
    ]),
  ],
};
