import { rule, type Section } from '../rule.ts';

const BY_CONTEXT = 'correlate/join/by-context.ts';
const SERVER = 'correlate/join/server-span.ts';
const CLIENT = 'correlate/join/client-span.ts';
const RUNS = 'correlate/join/call-runs.ts';
const UNMATCHED = 'correlate/join/unmatched.ts';
const RESOLVE = 'correlate/resolve.ts';
const EMIT = 'correlate/emit.ts';
const OWNER = 'correlate/owner.ts';
const AWAITING = 'correlate/awaiting-owner.ts';
const CORRELATOR = 'correlate/correlator.ts';
const DESCRIBED = 'correlate/join/described.ts';
const HELD = 'processor/correlate/held-batches.ts';

export const joining: Section = {
  title: 'Which SDK span describes which exchange, and whose it is',
  rules: [
    rule(
      'wire_context: the caller’s span',
      'The span a header names describes the call if it is of this process and CLIENT or PRODUCER; a SERVER or INTERNAL one is its parent.',
      [
        BY_CONTEXT,
        'if (span && isOutgoing(span.kind) && !span.describes) tie(span, node);',
        '',
        'correlate/wire-context',
      ],
      [
        BY_CONTEXT,
        'span && isOutgoing(span.kind) && !span.describes',
        'span && !span.describes',
        'correlate/wire-context',
      ],
      [
        BY_CONTEXT,
        'isOutgoing(span.kind) && !span.describes',
        'isOutgoing(span.kind)',
        'correlate/wire-context',
      ],
      [
        BY_CONTEXT,
        'span.process === undefined ? !this.#isForwarded(call) : span.process === process',
        'true',
        'correlate/wire-context',
        'correlate/forwarded-context',
      ],
      [
        BY_CONTEXT,
        'span.process === undefined ? !this.#isForwarded(call)',
        'span.process === undefined ? true',
        'correlate/unknown-owner',
      ],
      [
        BY_CONTEXT,
        'own.find((span) => isOutgoing(span.kind)) ?? own[0]',
        'own[0]',
        'correlate/b3-shared-ids',
      ],
      [RESOLVE, '(caller !== node.sdk || this.#nests)', 'false', 'correlate/wire-context'],
    ),
    rule(
      'wire_context: the server’s span',
      'A SERVER span that names the parent of the request’s header describes it, if content and time agree.',
      [
        BY_CONTEXT,
        '!node.sdk && describesServer(span, node, step)',
        'false',
        'correlate/wire-context',
        'correlate/nest',
      ],
      [BY_CONTEXT, '!node.sdk && describesServer(span, node, step)', '!node.sdk', 'correlate/retries'],
    ),
    rule(
      'sdk_span: servers without header',
      'Process, port of the peer, method, path, status and time have to agree, and one only may fit.',
      [
        SERVER,
        'span.process !== undefined && span.process !== exchange.process',
        'false',
        'correlate/retries',
      ],
      [SERVER, 'content.method !== operation', 'false', 'correlate/sdk-span'],
      [SERVER, 'content.path !== path', 'false', 'correlate/sdk-span'],
      [SERVER, 'content.status !== status', 'false', 'correlate/sdk-span'],
      [SERVER, 'span.start >= node.start - step && span.start <= end + step', 'true', 'correlate/retries'],
      [
        SERVER,
        'if (span.content.peerPort === undefined || fitting.some(isUnix)) return undefined;',
        '',
        'correlate/retries',
      ],
      [UNMATCHED, 'if (only) return undefined;', '', 'correlate/sdk-span'],
      [
        UNMATCHED,
        "span.parentSpanId === '' || node.context === 'unknown'",
        'true',
        'correlate/unknown-owner',
      ],
    ),
    rule(
      'sdk_span: traces of their own',
      'An SDK that does not read the context of a request begins a trace: its span is found by the connection, unless another continues the context.',
      [
        CORRELATOR,
        'this.#described.matchLeaving(spans)',
        'this.#described.match(spans)',
        'correlate/own-trace',
      ],
      [DESCRIBED, 'exchange && !isContinued(exchange)', 'exchange', 'correlate/own-trace'],
      [
        DESCRIBED,
        '!isIncoming(span.kind) || span.content.peerPort === undefined',
        '!isIncoming(span.kind)',
        'correlate/own-trace',
      ],
      [RESOLVE, "own.spanId === '' && exchange.contextKey !== undefined", 'false', 'correlate/own-trace'],
      [RESOLVE, "isNamedBy(exchange, span) ? 'wire_context'", "true ? 'wire_context'", 'correlate/own-trace'],
    ),
    rule(
      'sdk_span: calls without header',
      'Process, system, operation and time have to agree; calls in quick succession are assigned in order, one to one, under one parent.',
      [CLIENT, 'content.operation !== operation', 'false', 'correlate/sdk-span'],
      [CLIENT, 'exchange.start >= span.start - CLOCK_STEP &&', '', 'correlate/calls-in-order'],
      [CLIENT, '&& end <= span.end + CLOCK_STEP', '', 'correlate/sdk-span'],
      [RUNS, 'if (spans.length !== exchanges.size) return [];', '', 'correlate/sdk-span'],
      [RUNS, 'span.parentSpanId !== first!.parentSpanId', 'false', 'correlate/calls-in-order'],
    ),
    rule(
      'clock step',
      'Start times cut to a millisecond still match; not once a neighbour may have been forgotten.',
      [SERVER, 'CLOCK_STEP: Nanos = 2 * MILLISECOND', 'CLOCK_STEP: Nanos = 0', 'correlate/sdk-span'],
      [
        UNMATCHED,
        'start - CLOCK_STEP <= forgotten ? 0',
        'start - CLOCK_STEP <= forgotten ? CLOCK_STEP',
        'correlate/invariants',
      ],
    ),
    rule(
      'sdk_span: requests of one connection',
      'A SERVER span describes the request that was read last before its handler began, as exactly as its clock tells.',
      [SERVER, 'fitting.filter((node) => readAt(node) <= time)', 'fitting', 'correlate/sdk-span'],
      [SERVER, 'start % MILLISECOND === 0 ? MILLISECOND : 0', '0', 'correlate/sdk-span'],
    ),
    rule(
      'pass-through',
      'The callee of a proxy that forwards its context comes under the proxy’s call; retries are matched by connection.',
      [
        RESOLVE,
        'if ((met || startsTrace) && above.spanId',
        'if (startsTrace && above.spanId',
        'correlate/forwarded-context',
      ],
      [RESOLVE, "proxy ? under(proxy, 'forwarded_context') : own", 'own', 'correlate/forwarded-context'],
      [BY_CONTEXT, 'byPort.length === 1 && isOnlyOnPort', 'byPort.length === 1', 'correlate/retries'],
      [
        BY_CONTEXT,
        'spans.length === 1 && spans[0]!.content.peerPort === undefined',
        'spans.length === 1',
        'correlate/retries',
      ],
      [
        EMIT,
        "if (node.parentSpanId !== '') attributes.push([ORIGINAL_PARENT_SPAN_ID, node.parentSpanId]);",
        '',
        'correlate/forwarded-context',
      ],
    ),
    rule(
      'overlap',
      '`enrich` keeps the SDK’s span with the kernel’s facts; `nest` keeps both.',
      [RESOLVE, "this.#options.overlap === 'nest'", 'false', 'correlate/nest'],
      [RESOLVE, "this.#options.overlap === 'nest'", 'true', 'correlate/enrich'],
      [EMIT, 'putKernelFacts(exchange, put);', '', 'correlate/enrich'],
      [EMIT, 'if (!node.content.hasPeer)', 'if (true)', 'correlate/enrich'],
    ),
    rule(
      'two trace ids in one chain',
      '`rewrite` renames SDK spans and keeps what they were; `link` leaves them and links.',
      [EMIT, 'if (renamed) attributes.push([ORIGINAL_TRACE_ID, node.traceId]);', '', 'correlate/late'],
      [RESOLVE, "this.#options.traceConflict === 'rewrite'", 'true', 'correlate/trace-conflict-link'],
      [
        RESOLVE,
        "if (apart && decided.spanId !== '') links.push",
        'if (false) links.push',
        'correlate/trace-conflict-link',
      ],
      [HELD, "typeof fate === 'object' && fate.finalTraceId !== traceId", 'false', 'processor/held-batches'],
      [HELD, "fate === 'unknown' ? waitedEnough : fate !== 'open'", 'true', 'processor/held-batches'],
    ),
    rule(
      'whose batch',
      'The owner of the connection that delivered it, then `process.pid` in its namespace, then the only process of that service name.',
      [
        OWNER,
        'if (deliverer === undefined) return this.#byResource(resource);\n',
        'return this.#byResource(resource);\n',
        'correlate/owner',
      ],
      [
        OWNER,
        'pid === undefined || hasPid(deliverer, pid) ? deliverer',
        'true ? deliverer',
        'correlate/owner',
      ],
      [OWNER, 'if (this.#contradicts(process, service)) continue;', '', 'correlate/owner'],
      [
        AWAITING,
        'this.#waiting.delete(key);\n    return waiting;',
        'return undefined;',
        'correlate/awaiting-owner',
      ],
      [
        CORRELATOR,
        'if (this.#hasOwner(trace)) this.#adopt(trace.id);',
        'if (false) this.#adopt(trace.id);',
        'correlate/owner',
      ],
    ),
  ],
};
