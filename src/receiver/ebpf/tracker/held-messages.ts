import type { Execution } from '../exchange.ts';
import type { Message } from '../message.ts';

/** A message that is looked at later, and who moved its bytes. */
export interface HeldMessage {
  readonly message: Message;
  readonly by: Execution;
}

/** Bytes kept of first messages too short to recognise. */
const UNDECIDED_BYTES = 4096;

/** What is read of a response before its request's record comes; a server that talks unasked says more. */
const EARLY_MESSAGES = 8;

/** The first messages of a connection, until they are enough to tell what it speaks. */
export class UndecidedMessages {
  #held: HeldMessage[] = [];

  /** The message's head behind those of the same direction. */
  with(message: Message): Uint8Array {
    const parts = this.#held.filter((held) => held.message.direction === message.direction);
    return Buffer.concat([...parts.map((held) => held.message.head), message.head]);
  }

  /** False if they have become too many: all are forgotten. */
  hold(message: Message, by: Execution): boolean {
    const bytes = this.#held.reduce((sum, held) => sum + held.message.head.length, message.head.length);
    if (bytes > UNDECIDED_BYTES) {
      this.#held = [];
      return false;
    }
    this.#held.push(held(message, by));
    return true;
  }

  take(): readonly HeldMessage[] {
    const all = this.#held;
    this.#held = [];
    return all;
  }
}

/**
 * What a client read while it had asked nothing. A call is recorded when it returns: where one thread writes requests and
 * another reads the responses, a response can be recorded before the request it answers, and waits for the next record.
 */
export class EarlyMessages {
  #held: HeldMessage[] = [];

  /** False if no more can wait. */
  hold(message: Message, by: Execution): boolean {
    if (this.#held.length >= EARLY_MESSAGES) return false;
    this.#held.push(held(message, by));
    return true;
  }

  /** A message came, and with it all that waited: in the order in which it happened. */
  inOrder(message: Message, by: Execution): readonly HeldMessage[] {
    const early = this.take();
    const asked = message.direction === 'send' ? message.begin : Number.POSITIVE_INFINITY;
    const before = early.findIndex((earlier) => earlier.message.end > asked);
    const at = before < 0 ? early.length : before;
    return [...early.slice(0, at), { message, by }, ...early.slice(at)];
  }

  take(): readonly HeldMessage[] {
    const all = this.#held;
    this.#held = [];
    return all;
  }

  get none(): boolean {
    return this.#held.length === 0;
  }
}

/** A copy that outlives the drain. */
function held(message: Message, by: Execution): HeldMessage {
  return { message: { ...message, head: message.head.slice(), tail: message.tail.slice() }, by };
}
