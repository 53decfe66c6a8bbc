import { rule, type Section } from '../rule.ts';

const FOREST = 'correlate/forest.ts';
const CORRELATOR = 'correlate/correlator.ts';
const RESOLVE = 'correlate/resolve.ts';
const EMIT = 'correlate/emit.ts';
const PARENTS = 'correlate/parents.ts';
const SDK_TRACES = 'correlate/sdk-only/sdk-traces.ts';
const SDK_RECORDS = 'correlate/sdk-only/span-records.ts';
const TREE = 'correlate/tree.ts';

export const emission: Section = {
  title: 'Emission',
  rules: [
    rule(
      'decision wait',
      'A tree is held until `decision_wait` after its outermost exchange has ended; one of SDK spans from its last span.',
      [FOREST, 'tree.settledAt + this.#options.decisionWait', 'tree.settledAt', 'correlate/hold'],
      [FOREST, 'tree.open > 0 ? oldest', 'false ? oldest', 'correlate/hold'],
      [SDK_TRACES, 'trace.settledAt + decisionWait', 'trace.settledAt', 'correlate/long-requests'],
      [SDK_TRACES, '    trace.settledAt = now;\n', '', 'correlate/long-requests'],
      [
        TREE,
        'return a.undecidedExchanges > 0 ? a.settledAt : b.settledAt;',
        'return Math.max(a.settledAt, b.settledAt);',
        'correlate/long-requests',
      ],
    ),
    rule(
      'age limit',
      'At `max_age` finished spans leave; an exchange still open leaves with its end under the id it promised.',
      [
        FOREST,
        'tree.undecided > 0 ? tree.heldSince + this.#options.maxAge',
        'false ? tree.heldSince',
        'correlate/hold',
      ],
      [CORRELATOR, "if (by === 'due') continue;", '', 'correlate/hold'],
      [SDK_TRACES, 'trace.heldSince + maxAge', 'Number.POSITIVE_INFINITY', 'correlate/long-requests'],
    ),
    rule(
      'frozen',
      'What has left keeps its ids and its parent.',
      [
        RESOLVE,
        'topDown.filter((node) => !node.frozen)',
        'topDown',
        'correlate/hold',
        'correlate/invariants',
      ],
      [RESOLVE, 'this.#tree.frozenTraceId ?? chooseTraceId', 'chooseTraceId', 'correlate/late'],
      [
        FOREST,
        'a.released && b.released && a.frozenTraceId !== b.frozenTraceId',
        'false',
        'correlate/late',
        'correlate/invariants',
      ],
    ),
    rule(
      'late SDK spans',
      'One that comes later is placed under the zero-code span that has left in its place, and gets its trace’s id.',
      [RESOLVE, 'if (exchange.frozen && !exchange.frozen.silent)', 'if (false)', 'correlate/late'],
      [
        RESOLVE,
        '!exchange.frozen.silent)\n        return',
        'exchange.frozen.silent)\n        return',
        'correlate/late',
      ],
    ),
    rule(
      'two trees that left',
      'They are joined by span links only.',
      [CORRELATOR, 'client.linkedTo = cause;', '', 'correlate/late'],
      ['correlate/join/described.ts', 'span.linkedTo = exchange;', '', 'correlate/late'],
    ),
    rule(
      'late fragments',
      'Late spans of one export leave together.',
      [FOREST, 'tree.settledAt + LATE_GATHER : oldest', 'tree.settledAt : oldest', 'correlate/late'],
      [
        SDK_TRACES,
        'return trace.settledAt + LATE_GATHER',
        'return trace.settledAt',
        'correlate/long-requests',
      ],
    ),
    rule(
      'late window',
      'Decisions are remembered for `late_window`, then forgotten.',
      [FOREST, 'if (tree.heldSince + this.#options.lateWindow > now) break;', 'break;', 'correlate/hold'],
      [FOREST, 'tree.heldSince + this.#options.lateWindow > now', 'tree.heldSince > now', 'correlate/late'],
      [
        SDK_TRACES,
        'this.#records.leftAt(first) + this.#options.lateWindow <= now',
        'this.#records.leftAt(first) <= now',
        'correlate/long-requests',
      ],
    ),
    rule(
      'duplicates',
      'The same span again (trace, span, kind, service) is dropped; ids that b3 shares are not the same.',
      [
        FOREST,
        'other.kind === span.kind && other.resource.key === span.resource.key',
        'false',
        'correlate/duplicates',
      ],
      [
        FOREST,
        'other.kind === span.kind && other.resource.key',
        'other.resource.key',
        'correlate/duplicates',
      ],
      [SDK_RECORDS, 'this.kind(record) === kindOf(scan, row) &&', '', 'correlate/duplicates'],
      [SDK_RECORDS, 'this.resource(record).key === scan.resource(row).key', 'true', 'correlate/duplicates'],
    ),
    rule(
      'no circle',
      'No evidence leads in a circle: the weakest link on it gives way.',
      [
        RESOLVE,
        'this.#parents.breakCircles',
        'void this.#parents.breakCircles; ((_: unknown) => {})',
        'correlate/hold',
      ],
      [PARENTS, 'weakness(evidence) > weakness', 'weakness(evidence) < weakness', 'correlate/parents'],
    ),
    rule(
      'nesting in time',
      'A zero-code child starts within its parent; the server’s side ends within the client’s.',
      [RESOLVE, 'Math.max(node.start, outer.frozen?.start ?? outer.start)', 'node.start', 'correlate/peer'],
      [EMIT, 'outerEnd === undefined ? end : Math.min(end, outerEnd)', 'end', 'correlate/peer'],
    ),
    rule('SDK times and ids', 'Times and span ids of SDK spans are never altered.', [
      RESOLVE,
      "start: node.type === 'sdk' ? node.start : startWithin",
      'start: startWithin',
      'correlate/enrich',
    ]),
    rule(
      'shutdown',
      'Everything held leaves as it stands, after a last chance to be joined.',
      [CORRELATOR, 'for (const tree of this.#forest.all()) this.#lastChance(tree);', '', 'correlate/hold'],
      [CORRELATOR, "this.#emit(this.#forest.all(), 'shutdown');", '', 'correlate/hold'],
      [
        CORRELATOR,
        'this.#settleSdkTraces([...this.#sdkTraces.held]);',
        '',
        'correlate/invariants',
        'correlate/hold',
      ],
    ),
    rule(
      'discarded',
      'What turns out to be no exchange is forgotten, but not once its id has been promised.',
      [CORRELATOR, '    node.discarded = true;\n', '', 'correlate/slice', 'correlate/hold'],
      [
        CORRELATOR,
        '    if (node.frozen) {\n      this.#forest.ended(node);',
        '    if (false) {\n      this.#forest.ended(node);',
        'correlate/hold',
      ],
    ),
  ],
};
