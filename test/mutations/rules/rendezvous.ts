import { rule, type Section } from '../rule.ts';

const FAR_ENDS = 'correlate/rendezvous/far-ends.ts';
const PROMISES = 'correlate/rendezvous/promises.ts';
const NAME = 'correlate/rendezvous/name.ts';
const MEMORY = 'correlate/rendezvous/memory.ts';
const RESOLVE = 'correlate/resolve.ts';
const TRACE_ID = 'correlate/trace-id.ts';
const FOREST = 'correlate/forest.ts';
const TEST = 'correlate/two-hosts';

export const rendezvous: Section = {
  title: 'Several hosts: pipelines that see one end of a call each',
  rules: [
    rule(
      'the caller decides',
      'The callee’s side takes the trace of its caller’s side, and hangs under what is shown for the call.',
      [RESOLVE, 'if (far) return this.#underFar(far);', '', TEST],
      [TRACE_ID, 'if (decided) return parents.get(decided).traceId!;', '', TEST],
      [RESOLVE, 'if (traceId !== undefined) return traceId;', '', TEST],
      [RESOLVE, 'exchange.peer || farParent(exchange)', 'exchange.peer', TEST],
      [FAR_ENDS, 'if (!silent) return { traceId, spanId, sampled: true };', '', TEST],
      [FAR_ENDS, 'if (sdk?.frozen) return', 'if (false) return', TEST],
      [NAME, 'position.toString(16)', "''", TEST],
    ),
    rule(
      'waiting for the caller',
      'A request waits where somebody has promised to decide, not elsewhere, and not for ever.',
      [PROMISES, 'this.#options.store.promise(', 'void (', TEST],
      [FAR_ENDS, "answer === 'promised' || (answer", '(answer', TEST],
      [FAR_ENDS, '++far.failures < MOST_FAILURES', 'false', TEST],
      [FAR_ENDS, 'if (now - far.since >= wait) {', 'if (wait === 0) {', TEST],
      [FAR_ENDS, "node.far = 'unknown';\n      answered(node, undefined);", '', TEST],
      [PROMISES, '!call.peer && !call.discarded', '!call.discarded', TEST],
    ),
    rule(
      'no waiting for each other',
      'What waits for nothing leaves although something else of its trace waits.',
      [RESOLVE, 'topDown.filter((node) => !waiting.has(node))', '[]', TEST],
      [RESOLVE, ' || (above && waiting.has(above))', '', TEST],
      [FOREST, 'if (tree.undecidedExchanges === 0) tree.settledAt = now;', 'tree.settledAt = now;', TEST],
    ),
    rule(
      'too late for a caller',
      'What has left, or is of another trace by now, stays there; a span link says what was found.',
      [RESOLVE, '?? decided.traceId;', ';', TEST],
    ),
    rule(
      'sampled out far away',
      'A callee is not shown where its caller’s trace was sampled out.',
      [RESOLVE, 'if (far) flags++;', '', TEST],
      [RESOLVE, 'if (far?.sampled) return false;', '', TEST],
      [FAR_ENDS, 'sampled: !sampledOut', 'sampled: true', TEST],
    ),
    rule(
      'room of a rendezvous',
      'What is kept goes when its time is over or there is too much.',
      [MEMORY, 'if (entries.size <= maxEntries) break;', 'break;', 'correlate/rendezvous'],
      [
        MEMORY,
        'if (entry.expires > now && entries.get(entry.name) === entry) break;',
        'break;',
        'correlate/rendezvous',
      ],
      [MEMORY, 'if (place.entries.has(name)) return;', '', 'correlate/rendezvous'],
    ),
  ],
};
