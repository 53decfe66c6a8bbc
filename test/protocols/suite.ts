import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../src/receiver/ebpf/protocols/protocol.ts';
import { type PlacedStep, place, type Step, Wire } from './conversation.ts';
import type { Recorded, RecordingSink } from './recording-sink.ts';

/** An exchange that a conversation holds. Steps are counted from 0. */
export interface Expected {
  readonly operation: string | undefined;
  /** The step whose first byte is the request's first, or that step and the bytes before (negative: from its end). */
  readonly request: number | readonly [step: number, skip: number];
  /** The step with the response's last byte, and how many bytes of it come after the response. */
  readonly response: number | readonly [step: number, after: number];
  readonly status: string | number | undefined;
}

export type Case =
  | 'byte by byte'
  | 'cut in two'
  | 'one chunk'
  | 'responses late'
  | 'cut after 64'
  | 'cut after 512'
  | 'joined between messages'
  | 'joined inside a message';

/** A conversation of two programs, call by call, and the exchanges in it. */
export interface Conversation {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly expected: readonly Expected[];
  readonly stopped?: string;
  /** Why operations are not known to whoever joins in the middle. */
  readonly joinedWithoutOperations?: string;
  /** Cases that can not work for this conversation, and why. */
  readonly skip?: Partial<Record<Case, string>>;
}

interface Seen {
  readonly operation: string | undefined;
  readonly position: number;
  readonly status: string | number | undefined;
  readonly end: number | undefined;
  readonly outcome: Recorded['outcome'];
}

/** The one suite that every protocol runs through. */
export function conformance(protocol: Protocol, conversations: readonly Conversation[]): void {
  describe(`${protocol.name} conversations`, () => {
    it('survives nothing at all', () => {
      const wire = new Wire(protocol);
      wire.close();
      expect(wire.sink.all).toEqual([]);
    });

    for (const conversation of conversations) describe(conversation.name, () => run(protocol, conversation));

    fuzz(protocol, conversations);
  });
}

function run(
  protocol: Protocol,
  { steps: unplaced, expected, stopped, joinedWithoutOperations, skip = {} }: Conversation,
): void {
  const steps = place(unplaced);
  const wanted = expected.map((exchange) => wantedOf(exchange, steps));

  const check = (sink: RecordingSink, compare: (seen: Seen) => unknown = (seen) => seen) => {
    expect(sink.exchanges.map(seenOf).map(compare)).toEqual(wanted.map(compare));
    expect(sink.stopped).toBe(stopped);
  };
  const joined = (seen: Seen): Partial<Seen> => {
    if (joinedWithoutOperations === undefined) return seen;
    const { operation: _, ...rest } = seen;
    return rest;
  };
  const unlessSkipped = (name: Case, test: () => void) => {
    const reason = skip[name];
    if (reason === undefined) it(name, test);
    else it.skip(`${name} (${reason})`, test);
  };

  it('call by call', () => {
    const wire = new Wire(protocol);
    for (const step of steps) wire.step(step);
    wire.close();
    check(wire.sink);
  });

  unlessSkipped('byte by byte', () => {
    const wire = new Wire(protocol);
    for (const { from, data, offset } of steps)
      for (let i = 0; i < data.length; i++) wire.bytes(from, data.subarray(i, i + 1), offset + i);
    wire.close();
    check(wire.sink);
  });

  unlessSkipped('cut in two', () => {
    for (const [cutStep, { data: whole }] of steps.entries())
      for (let at = 1; at < whole.length; at += stride(whole)) {
        const wire = new Wire(protocol);
        for (const [i, step] of steps.entries()) {
          if (i !== cutStep) wire.step(step);
          else {
            wire.bytes(step.from, step.data.subarray(0, at), step.offset);
            wire.bytes(step.from, step.data.subarray(at), step.offset + at);
          }
        }
        wire.close();
        check(wire.sink);
      }
  });

  unlessSkipped('one chunk', () => {
    const wire = new Wire(protocol);
    for (const from of ['requester', 'responder'] as const)
      wire.bytes(from, Buffer.concat(steps.filter((step) => step.from === from).map(({ data }) => data)), 0);
    wire.close();
    check(wire.sink);
  });

  unlessSkipped('responses late', () => {
    const wire = new Wire(protocol);
    for (const step of steps) if (step.from === 'requester') wire.step(step);
    for (const step of steps) if (step.from === 'responder') wire.step(step);
    wire.close();
    check(wire.sink);
  });

  for (const head of [64, 512] as const)
    unlessSkipped(`cut after ${head}`, () => {
      const wire = new Wire(protocol);
      for (const step of steps) wire.cutStep(step, head);
      wire.close();
      check(wire.sink, ({ position, status, outcome, end }) => ({ position, status, outcome, end }));
    });

  unlessSkipped('joined between messages', () => {
    for (let first = 0; first < steps.length; first++) {
      const wire = new Wire(protocol, true);
      for (const step of steps.slice(first)) wire.step(step);
      wire.close();
      const from =
        steps.slice(first).find((step) => step.from === 'requester')?.offset ?? Number.POSITIVE_INFINITY;
      expect(wire.sink.exchanges.map(seenOf).map(joined), `joined at step ${first}`).toEqual(
        wanted.filter(({ position }) => position >= from).map(joined),
      );
    }
  });

  unlessSkipped('joined inside a message', () => {
    for (const [first, { data: whole }] of steps.entries())
      for (let at = 1; at < whole.length; at += stride(whole)) {
        const wire = new Wire(protocol, true);
        const { from, data, offset } = steps[first]!;
        wire.bytes(from, data.subarray(at), offset + at);
        for (const step of steps.slice(first + 1)) wire.step(step);
        wire.close();
        const later = steps.slice(first + 1).find((step) => step.from === 'requester');
        const seen = wire.sink.exchanges.map(seenOf).map(joined);
        const surely = wanted
          .filter(({ position }) => later !== undefined && position >= later.offset)
          .map(joined);
        expect(seen.slice(seen.length - surely.length), `joined at byte ${at} of step ${first}`).toEqual(
          surely,
        );
        for (const exchange of seen)
          expect(
            wanted.map(joined),
            `joined at byte ${at} of step ${first}: nothing is invented`,
          ).toContainEqual(exchange);
      }
  });
}

function fuzz(protocol: Protocol, conversations: readonly Conversation[]): void {
  const streams = fc.constantFrom('requester' as const, 'responder' as const);
  const isSane = (wire: Wire) => {
    let last = -1;
    for (const { position } of wire.sink.all) {
      expect(position).toBeGreaterThan(last);
      last = position;
    }
  };

  it('survives garbage', () => {
    const chunk = fc.record({
      from: streams,
      data: fc.uint8Array({ maxLength: 200 }),
      gap: fc.option(fc.integer({ min: 1, max: 5000 })),
    });
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 30 }), fc.boolean(), (chunks, joined) => {
        const wire = new Wire(protocol, joined);
        const next = { requester: 0, responder: 0 };
        for (const { from, data, gap } of chunks) {
          wire.bytes(from, data, next[from]);
          next[from] += data.length;
          if (gap !== null) {
            wire.gap(from, gap, next[from]);
            next[from] += gap;
          }
        }
        wire.close();
        isSane(wire);
      }),
      { numRuns: 300 },
    );
  });

  it('survives conversations with bytes changed, dropped and hidden', () => {
    const damage = fc.record({
      step: fc.nat(30),
      at: fc.nat(2000),
      kind: fc.constantFrom('flip' as const, 'hide' as const, 'drop' as const),
      amount: fc.integer({ min: 1, max: 255 }),
    });
    fc.assert(
      fc.property(
        fc.nat(conversations.length - 1),
        fc.array(damage, { maxLength: 4 }),
        fc.boolean(),
        (conversation, damages, joined) => {
          const { steps } = conversations[conversation]!;
          const wire = new Wire(protocol, joined);
          for (const [i, { from, data, offset }] of place(steps).entries()) {
            const bytes = data.slice();
            let hidden: { at: number; length: number } | undefined;
            let dropped = false;
            for (const { step, at, kind, amount } of damages) {
              if (step % steps.length !== i || bytes.length === 0) continue;
              const index = at % bytes.length;
              if (kind === 'flip') bytes[index] = bytes[index]! ^ amount;
              else if (kind === 'hide')
                hidden = { at: index, length: Math.min(amount, bytes.length - index) };
              else dropped = true;
            }
            if (dropped) wire.gap(from, bytes.length, offset);
            else if (hidden) {
              const after = hidden.at + hidden.length;
              wire.bytes(from, bytes.subarray(0, hidden.at), offset);
              wire.gap(from, hidden.length, offset + hidden.at);
              wire.bytes(from, bytes.subarray(after), offset + after);
            } else wire.bytes(from, bytes, offset);
          }
          wire.close();
          isSane(wire);
        },
      ),
      { numRuns: 500 },
    );
  });
}

/** Every offset of ordinary messages, and a sample of long ones. */
function stride({ length }: Uint8Array): number {
  return length > 600 ? Math.ceil(length / 61) : 1;
}

function seenOf({ request, position, response, end, outcome }: Recorded): Seen {
  return { operation: request?.operation, position, status: response?.status, end, outcome };
}

function wantedOf({ operation, request, response, status }: Expected, steps: readonly PlacedStep[]): Seen {
  const [requestStep, skip] = typeof request === 'number' ? [request, 0] : request;
  const [responseStep, after] = typeof response === 'number' ? [response, 0] : response;
  const last = steps[responseStep]!;
  return {
    operation,
    position: steps[requestStep]!.offset + (skip < 0 ? steps[requestStep]!.data.length + skip : skip),
    status,
    end: last.offset + last.data.length - after,
    outcome: 'ended',
  };
}
