import { rule, type Section } from '../rule.ts';

const ROOM = 'correlate/room.ts';
const CORRELATOR = 'correlate/correlator.ts';
const HELD = 'processor/correlate/held-batches.ts';
const OUTBOX = 'processor/correlate/outbox.ts';
const PROCESSOR = 'processor/correlate/correlate.ts';

export const limits: Section = {
  title: 'Limits: what is held is bounded by spans and by bytes',
  rules: [
    rule(
      'spans and bytes held',
      'What is too much leaves as it stands, the longest held first, and is counted; what has left is forgotten before.',
      [ROOM, 'size > maxSpans || bytes > maxBytes', 'bytes > maxBytes', 'correlate/hold'],
      [ROOM, 'size > maxSpans || bytes > maxBytes', 'size > maxSpans', 'correlate/hold'],
      [ROOM, 'size <= maxSpans && bytes <= maxBytes', 'size <= maxSpans', 'correlate/hold'],
      [ROOM, '    this.forgetOverLimit();\n', '', 'correlate/hold'],
      [ROOM, 'trace && trace.heldSince <= tree.heldSince', 'trace', 'correlate/hold', 'correlate/room'],
      [CORRELATOR, 'this.#counters.pushedOut.value += trees.length + traces.length;', '', 'correlate/hold'],
    ),
    rule(
      'log records held',
      'Those held too many are released early, the oldest first, and counted.',
      [HELD, 'while (this.#bytes > this.#options.maxBytes)', 'while (false)', 'processor/held-batches'],
      [HELD, 'this.#options.pushedOut.value++;', '', 'processor/held-batches'],
    ),
    rule(
      'the stage behind is full',
      'SDKs are asked to try again; what can not be refused is dropped and counted.',
      [OUTBOX, 'if (this.#bytes + size > maxBytes)', 'if (false)', 'correlate/outbox'],
      [
        OUTBOX,
        'error instanceof RetryableError && !this.#closing',
        'error instanceof RetryableError',
        'correlate/outbox',
      ],
      [
        PROCESSOR,
        'if (this.#outbox.bytes > this.#options.maxBytes)',
        'if (false)',
        'processor/correlate-full',
      ],
    ),
  ],
};
