import { rule, type Section } from '../rule.ts';

const RULES = 'correlate/link/rules.ts';
const OPEN = 'correlate/link/open-requests.ts';
const FORWARDED = 'correlate/link/forwarded-context.ts';
const REQUEST_ID = 'correlate/link/request-id.ts';
const WEIGH = 'correlate/link/weigh.ts';
const ACTIVE = 'correlate/link/active-requests.ts';
const SLICE = 'correlate/link/slice.ts';
const SEGMENT = 'correlate/link/slice-segment.ts';
const WAKE = 'correlate/link/completion-wake.ts';
const WRITER = 'correlate/link/response-writer.ts';
const TRUST = 'correlate/link/trust.ts';
const CORRELATOR = 'correlate/correlator.ts';

export const linking: Section = {
  title: 'Which request caused this call',
  rules: [
    rule(
      'strongest first',
      'The stronger kind wins; weaker evidence may only choose among what it left open.',
      [WEIGH, '[...statements].sort(strongestFirst)', 'statements', 'correlate/conflicts'],
      [
        WEIGH,
        '    else if (left && !left.includes(causes[0]!)) continue;\n',
        '',
        'correlate/conflicts',
        'correlate/conflicting-evidence',
      ],
      [WEIGH, '?? (left && { ambiguous: left })', '', 'correlate/conflicts'],
      [
        CORRELATOR,
        "if (inDifferentTraces(client, cause)) return 'different_traces';",
        '',
        'correlate/conflicting-evidence',
      ],
    ),
    rule(
      'guesses',
      'Guesses do not win over each other: they disagree and it is ambiguous, they agree and are believed.',
      [WEIGH, 'guesses.some((guess) => guess.causes[0] !== cause)', 'false', 'correlate/conflicts'],
      [
        WEIGH,
        'guesses.length > 1 || guesses.some(isBelieved)',
        'true',
        'correlate/conflicts',
        'correlate/slice',
      ],
      [
        WEIGH,
        'guesses.length > 1 || guesses.some(isBelieved)',
        'guesses.some(isBelieved)',
        'correlate/conflicts',
      ],
      [RULES, '!this.#trust.doubted(process, evidence)', 'true', 'correlate/conflicting-evidence'],
    ),
    rule(
      'forwarded_context',
      'The one open request of this process on which the same context came in.',
      [
        OPEN,
        'open.count(key) === 1 ? { cause } : { ambiguous: [...open.of(key)] }',
        '{ cause }',
        'correlate/forwarded-context',
        'correlate/request-id',
      ],
      [FORWARDED, '[context.traceId + context.spanId]', '[context.traceId]', 'correlate/forwarded-context'],
      [
        OPEN,
        "else if (activity.type === 'end' || activity.type === 'discard') this.#remove(node);",
        '',
        'correlate/forwarded-context',
      ],
    ),
    rule(
      'request_id',
      'The one open request of this process on which the same id came in under the same name.',
      [REQUEST_ID, "if (verdict && 'cause' in verdict) return verdict;", '', 'correlate/request-id'],
      [
        REQUEST_ID,
        'ids.map(([name, value]) =>',
        'ids.map(([name, value]) => name ? value :',
        'correlate/request-id',
      ],
    ),
    rule(
      'thread',
      'The one request active on the calling thread, from its read until its answer; a fan-out does not use it up.',
      [
        'correlate/groups.ts',
        'group instanceof Set ? group.values().next().value : group;',
        'group instanceof Set ? [...group].at(-1) : group;',
        'correlate/thread',
        'correlate/groups',
      ],
      [ACTIVE, 'if (node?.active) this.#end(node, activity.at);', '', 'correlate/thread'],
      [ACTIVE, 'this.#threads.delete(activity.thread);', '', 'correlate/thread'],
      [
        ACTIVE,
        'if (node.active && node.exchange.response?.cut) this.#end(node, at);',
        '',
        'correlate/thread',
      ],
      [TRUST, "['node', 'go', 'dotnet', 'tokio']", '[]', 'correlate/thread'],
    ),
    rule(
      'asyncio',
      'CPython: the call belongs to the connection whose contexts are nearest above its own, and to the request at work there; what was there before the connection serves everybody.',
      [
        'correlate/link/context-families.ts',
        'if (member.since === undefined || member.since < family.since) return;',
        '',
        'correlate/asyncio',
      ],
      [
        'correlate/link/context-families.ts',
        'if (since === undefined) return undefined;',
        '',
        'correlate/asyncio',
      ],
      [
        'correlate/link/asyncio.ts',
        '|| (below && isLeftOver(below, families, client))',
        '',
        'correlate/asyncio',
      ],
      ['correlate/link/asyncio.ts', 'this.#families.wrote(node, context);', '', 'correlate/asyncio'],
      [
        'correlate/link/asyncio.ts',
        'if (client.exchange.start < readAt(node)) continue;',
        '',
        'correlate/asyncio',
      ],
      [
        'correlate/link/asyncio.ts',
        "return process.facts.runtime === 'python';",
        'return true;',
        'correlate/asyncio',
      ],
    ),
    rule(
      'response_writer',
      'What a worker called since its last response is for the request it answers next, if that had been read before and the worker waited for what it called.',
      [WRITER, 'if (!possible || ', 'if (', 'correlate/response-writer'],
      [WRITER, '|| !blocking ||', '||', 'correlate/response-writer'],
      [WRITER, ' || this.#active.busy(thread)) return;', ') return;', 'correlate/response-writer'],
      [WRITER, '|| !this.#active.shares(thread)', '', 'correlate/response-writer'],
      [
        WRITER,
        'return !this.#active.readsRequests(thread) || !this.#active.shares(thread);',
        'return true;',
        'correlate/response-writer',
      ],
      [
        WRITER,
        'if (this.#handsResult(activity)) this.#begin(activity.thread, activity.at);',
        '',
        'correlate/response-writer',
      ],
      [
        WRITER,
        "!this.#trust.allowed(thread.process, 'completion_wake')",
        'false',
        'correlate/response-writer',
      ],
      [WRITER, '(alone && jobs.neverImpossible) || believed()', 'true', 'correlate/response-writer'],
      [
        'correlate/link/jobs.ts',
        'const possible = calls.every((call) => call.start >= readAt);',
        'const possible = true;',
        'correlate/response-writer',
      ],
      [
        'correlate/link/jobs.ts',
        "this.#possible.likelihood('impossible', 'possible') * ONE_IN < 1",
        'true',
        'correlate/response-writer',
      ],
    ),
    rule(
      'completion_wake',
      'What a worker called belongs to the request whose thread it wakes then, while wakes for other reasons are known to be rare where the one that counts is not seen.',
      [
        WAKE,
        'woken.length > 1 || request.start > last.start',
        'request.start > last.start',
        'correlate/completion-wake',
      ],
      [
        WAKE,
        'woken.length > 1 || request.start > last.start',
        'woken.length > 1',
        'correlate/completion-wake',
      ],
      [
        WAKE,
        'this.#active.busy(thread) || this.#active.interleaves(process)',
        'this.#active.interleaves(process)',
        'correlate/completion-wake',
      ],
      [
        WAKE,
        'first() || whole() || reasons.mislead(reasons.unseen) < TOLERATED',
        'true',
        'correlate/completion-wake',
      ],
      [
        WAKE,
        "if (next || !reasons.tellOfBegin) reasons.tally.add('several');",
        '',
        'correlate/worker-pool-simulated',
      ],
      [
        WAKE,
        "      this.#reasonsOf(thread.process).tally.add('none');\n",
        '',
        'correlate/worker-pool-simulated',
      ],
      [WAKE, 'if (begun || reasons.tellOfBegin) woken.pop();', '', 'correlate/completion-wake'],
      [
        WAKE,
        'if (begun || reasons.tellOfBegin) woken.pop();',
        'if (begun) woken.pop();',
        'correlate/completion-wake',
      ],
      [
        WAKE,
        'if (next && woken.at(-1) === next)',
        'if (next && woken.length > 1)',
        'correlate/completion-wake',
      ],
      [
        'correlate/link/wake-reasons.ts',
        'return this.tellOfBegin ? (stray + this.unseen) * Math.max(unseen, this.unseen) : stray * unseen;',
        'return stray * unseen;',
        'correlate/completion-wake',
      ],
      [WAKE, ' && credit.steady()', '', 'correlate/completion-wake'],
      [
        'correlate/link/wakes.ts',
        'if ((waitOperation & ~FUTEX_CLOCK_REALTIME) === (FUTEX_WAIT | FUTEX_PRIVATE_FLAG)) return undefined;',
        '',
        'correlate/completion-wake',
      ],
      [
        'correlate/link/wakes.ts',
        "if (timed && woken.process.facts.runtime === 'python') return undefined;",
        '',
        'correlate/completion-wake',
      ],
      [TRUST, "new Set(['ruby'])", 'new Set([])', 'correlate/completion-wake'],
    ),
    rule(
      'slice: one read',
      'The calls between two reads belong to what was read; the opening of a connection is a call.',
      [
        SEGMENT,
        'isAlone = complete && all.size === 1',
        'isAlone = all.size === 1',
        'correlate/slice-unfollowed',
        'correlate/slice',
      ],
    ),
    rule(
      'requests begun before the capture',
      'While one is under way, a call of its thread need not be for the followed one there, and content does not tell in its process.',
      [
        'correlate/link/active-requests.ts',
        ' || this.#unfollowed.on(thread)',
        '',
        'correlate/slice-unfollowed',
      ],
      [
        'correlate/link/slice-belief.ts',
        ' || this.#active.hasUnfollowed(process)',
        '',
        'correlate/slice-unfollowed',
      ],
    ),
    rule(
      'slice: several reads',
      'By content where that tells them apart, in order only where numbers agree and the process has earned it.',
      [
        'correlate/link/slice-reading.ts',
        "agreeing.length === 1 ? { ...reading, candidates: agreeing, basis: 'content' } : reading",
        'reading',
        'correlate/slice',
      ],
      [
        'correlate/link/slice-belief.ts',
        'if (this.#trust.earned(cause.exchange.process, guess)) return true;',
        'return true;',
        'correlate/slice',
      ],
    ),
    rule(
      'slice: backward',
      'The one request answered after the one response read was the one that called, if the statuses agree.',
      [SLICE, 'this.#backward(segments);', '', 'correlate/slice'],
    ),
    rule(
      'slice: who is a loop',
      'Not where a runtime schedules its own work, in Python, or where requests are handed between threads.',
      [TRUST, "if (evidence === 'slice') return !NO_SLICES.has(runtime);", '', 'correlate/slice'],
      [SLICE, '&& !this.#handsOver.has(process)', '', 'correlate/slice'],
    ),
    rule(
      'trust',
      'A guess is believed after sixteen checks in a row; one that fails begins anew.',
      [TRUST, 'EARNED_AFTER = 16', 'EARNED_AFTER = 0', 'correlate/slice'],
      [TRUST, 'record.right = 0;', '', 'correlate/trust'],
    ),
    rule(
      'ambiguity is said',
      'A call whose choice stayed open says so, and is counted.',
      [
        'correlate/emit.ts',
        'if (node.ambiguous) encoder.bool',
        'if (false) encoder.bool',
        'correlate/request-id',
      ],
      [
        'correlate/release.ts',
        'if (node.ambiguous) this.#counters.ambiguous.value++;',
        '',
        'correlate/forwarded-context',
      ],
      [RULES, 'if (!client.cause) this.#links.ambiguous(client, undefined);', '', 'correlate/slice'],
    ),
    rule(
      'evidence is named',
      'Every link says what it rests on.',
      [
        'correlate/emit.ts',
        'if (evidence !== undefined) encoder.string(LINK_EVIDENCE, evidence);',
        '',
        'correlate/peer',
      ],
      [CORRELATOR, 'this.#counters.links(evidence).value++;', '', 'correlate/request-id'],
    ),
    rule(
      'switches',
      'Evidence that is switched off says nothing.',
      [RULES, 'evidence.has(rule.evidence)', 'true', 'correlate/forwarded-context'],
      ['correlate/join/described.ts', "evidence.has('sdk_span')", 'true', 'correlate/sdk-span'],
    ),
  ],
};
