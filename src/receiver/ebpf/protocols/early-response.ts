import type { Offset, OpenExchange, RequestFacts, ResponseFacts } from './protocol.ts';

/**
 * A response that came before the request it answers.
 *
 * Where one thread writes and another reads, the kernel can report the read of a response before the write that
 * asked for it. What the response says is kept until `answers` names the exchange, and forwarded from then on.
 */
export class EarlyResponse implements OpenExchange {
  #exchange: OpenExchange | undefined;
  #begin: Offset | undefined;
  #facts: ResponseFacts | undefined;
  #end: Offset | undefined;
  #lost: Offset | undefined;

  /** The response is over, so that a second one would answer something else. */
  get over(): boolean {
    return this.#end !== undefined || this.#lost !== undefined;
  }

  answers(exchange: OpenExchange): void {
    this.#exchange = exchange;
    if (this.#begin !== undefined) exchange.responseBegin(this.#begin);
    if (this.#facts !== undefined) exchange.response(this.#facts);
    if (this.#end !== undefined) exchange.end(this.#end);
    else if (this.#lost !== undefined) exchange.lost(this.#lost);
  }

  request(facts: RequestFacts): void {
    this.#exchange?.request(facts);
  }

  responseBegin(offset: Offset): void {
    this.#begin = offset;
    this.#exchange?.responseBegin(offset);
  }

  response(facts: ResponseFacts): void {
    this.#facts = facts;
    this.#exchange?.response(facts);
  }

  end(offset: Offset): void {
    this.#end = offset;
    this.#exchange?.end(offset);
  }

  lost(offset: Offset): void {
    this.#lost = offset;
    this.#exchange?.lost(offset);
  }

  discard(): void {
    this.#exchange?.discard();
  }
}
