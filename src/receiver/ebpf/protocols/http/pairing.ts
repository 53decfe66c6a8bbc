import { EarlyResponse } from '../early-response.ts';
import type { ExchangeSink, Offset, OpenExchange } from '../protocol.ts';

/** Requests waiting for their response on one connection; servers stop reading long before. */
const MOST_PENDING = 1024;

/** A request on its way to its response. */
export interface PendingRequest {
  readonly exchange: OpenExchange;
  /** `HEAD` and `CONNECT` decide how the response is framed. */
  method: string | undefined;
  /** What it says was handed on. */
  said: boolean;
  /** Its response is over. */
  answered: boolean;
}

/**
 * Which request a response answers: the oldest unanswered one (RFC 9112 9.3.2), unless a gap hid messages.
 *
 * Hardly any client pipelines. As long as one did not, a new request proves that the one before was answered; where
 * one did and a gap hid messages, nothing tells any more what answers what, and reading stops.
 */
export class Pairing {
  readonly #sink: ExchangeSink;
  #pending: PendingRequest[] = [];
  #answering: PendingRequest | undefined;
  #early: EarlyResponse | undefined;
  #requestSeen: boolean;
  #pipelined = false;
  /** A gap hid requests since the last one that was seen. */
  #requestsHidden = false;
  /** How many of the pending requests came before a gap that hid others. */
  #beforeGap = 0;
  /** A gap hid the beginning of responses. */
  #responsesHidden = false;
  #stopped = false;

  constructor(sink: ExchangeSink, joined: boolean) {
    this.#sink = sink;
    this.#requestSeen = !joined;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** The request that is being answered; undefined where nobody asked. */
  get answering(): PendingRequest | undefined {
    return this.#answering;
  }

  /** The next response answers, or a gap gives up, a request of which nothing was said yet. */
  get needsHead(): boolean {
    const last = this.#pending.at(-1);
    if (last === undefined || last.said) return false;
    return this.#pending.length === 1 || this.#responsesHidden || this.#beforeGap > 0;
  }

  stop(reason: 'upgraded' | 'unparseable'): void {
    this.#stopped = true;
    this.#pending = [];
    this.#answering = undefined;
    this.#sink.stop(reason);
  }

  /**
   * A request begins. `endUnknown`: the response being received tells no end by itself; `answered` is one past the
   * last byte of the responses so far. Where the open response is thereby over, nothing is `answering` any more.
   */
  requestBegan(offset: Offset, endUnknown: boolean, answered: Offset): PendingRequest {
    if (this.#requestsHidden) this.#beforeGap = this.#pending.length;
    if (this.#answering && endUnknown && !this.#pipelined) {
      if (this.#requestsHidden) this.#answering.exchange.lost(answered);
      else this.#answering.exchange.end(answered);
      this.#answering = undefined;
    } else if (!this.#requestsHidden && (this.#answering || this.#pending.length > 0)) this.#pipelined = true;
    this.#requestsHidden = false;
    this.#requestSeen = true;
    const request: PendingRequest = {
      exchange: this.#sink.begin(offset),
      method: undefined,
      said: false,
      answered: false,
    };
    if (!this.#early) {
      // Hardly ever two: room for more is made for those only.
      if (this.#pending.length === 0) this.#pending = [request];
      else if (this.#pending.length === MOST_PENDING) this.stop('unparseable');
      else this.#pending.push(request);
    }
    return request;
  }

  /** What the request says is known: a response that came too early can be given to it. */
  requestSaid(request: PendingRequest): void {
    const early = this.#early;
    if (!early) return;
    this.#early = undefined;
    if (this.#answering?.exchange === early) this.#answering = request;
    early.answers(request.exchange);
  }

  /** A gap stands where requests would begin. */
  requestsHidden(): void {
    this.#requestsHidden = true;
    if (this.#pipelined && this.#pending.length + (this.#answering ? 1 : 0) > 0) this.stop('unparseable');
  }

  /** A final response begins. `solicited` is false for a status that servers send without having been asked. */
  responseBegan(offset: Offset, solicited: boolean): void {
    const certain = !this.#responsesHidden;
    this.#responsesHidden = false;
    if (!certain) this.#loseBeforeGap(offset);
    if (!certain && this.#pending.length > 1) {
      this.#loseAll(offset);
      this.stop('unparseable');
      return;
    }
    this.#answering = this.#pending.shift();
    if (this.#answering) this.#answering.exchange.responseBegin(offset);
    else if (
      solicited &&
      this.#requestSeen &&
      !this.#requestsHidden &&
      certain &&
      (this.#early?.over ?? true)
    ) {
      this.#early = new EarlyResponse();
      this.#answering = { exchange: this.#early, method: undefined, said: false, answered: false };
      this.#early.responseBegin(offset);
    }
    if (this.#beforeGap > 0) {
      // No response is missing, so the hidden requests were pipelined behind the one answered now.
      this.#beforeGap = 0;
      if (this.#pending.length > 0) {
        this.#pipelined = true;
        for (const { exchange } of this.#pending) exchange.lost(offset);
        this.#pending = [];
        this.#requestsHidden = true;
      }
    }
  }

  responseEnded(offset: Offset): void {
    if (this.#answering) {
      this.#answering.exchange.end(offset);
      this.#answering.answered = true;
    }
    this.#answering = undefined;
  }

  /** The next response began although the end of the open one was not seen. */
  responseSuperseded(offset: Offset): void {
    this.#responsesHidden = true;
    if (this.#pending.length === 1) this.#answering?.exchange.end(offset);
    else this.#answering?.exchange.lost(offset);
    this.#answering = undefined;
  }

  /** A gap stands where a response would begin. True when it is the response to a request that was seen. */
  responsesHidden(offset: Offset): boolean {
    this.#responsesHidden = true;
    if (this.#beforeGap > 0) {
      this.#loseBeforeGap(offset);
      return false;
    }
    this.#answering = this.#pending.shift();
    this.#answering?.exchange.responseBegin(offset);
    return this.#answering !== undefined;
  }

  /** The connection is gone; `whole` tells that the open response ended with it. */
  closed(whole: boolean, answered: Offset): void {
    if (whole) this.responseEnded(answered);
    this.#answering = undefined;
    this.#pending = [];
    this.#early = undefined;
  }

  #loseBeforeGap(offset: Offset): void {
    for (const { exchange } of this.#pending.splice(0, this.#beforeGap)) exchange.lost(offset);
    this.#beforeGap = 0;
  }

  #loseAll(offset: Offset): void {
    for (const { exchange } of this.#pending) exchange.lost(offset);
    this.#pending = [];
  }
}
