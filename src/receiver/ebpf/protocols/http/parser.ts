import type { ExchangeSink, Offset, Parser } from '../protocol.ts';
import type { HttpRequest, HttpResponse } from './facts.ts';
import { MessageStream } from './message-stream.ts';
import { Pairing, type PendingRequest } from './pairing.ts';
import { type RequestListener, Requests } from './requests.ts';
import { type ResponseListener, Responses } from './responses.ts';

/** Statuses that servers send before they close a connection on which they were asked nothing. */
const UNSOLICITED = new Set([400, 408]);

/** HTTP/1.0 and HTTP/1.1 on one connection: two streams of messages and which response answers which request. */
export class HttpParser implements Parser, RequestListener, ResponseListener {
  readonly #pairing: Pairing;
  readonly #requests = new Requests(this);
  readonly #requestStream: MessageStream;
  readonly #responseStream: MessageStream;

  constructor(sink: ExchangeSink, joined: boolean) {
    this.#pairing = new Pairing(sink, joined);
    this.#requestStream = new MessageStream(this.#requests, joined);
    this.#responseStream = new MessageStream(new Responses(this), joined);
  }

  bytes(from: 'requester' | 'responder', data: Uint8Array, offset: Offset): void {
    if (from === 'requester') this.#requestStream.bytes(data, offset);
    else this.#responseStream.bytes(data, offset);
    if (this.#pairing.stopped) this.#silence();
  }

  gap(from: 'requester' | 'responder', length: number, offset: Offset): void {
    if (from === 'requester') this.#requestStream.gap(length, offset);
    else this.#responseStream.gap(length, offset);
    if (this.#pairing.stopped) this.#silence();
  }

  close(): void {
    this.#requestStream.cutOpenHead();
    this.#requests.flush();
    this.#pairing.closed(this.#responseStream.endUnknown, this.#responseStream.offset);
    this.#silence();
  }

  requestBegan(offset: Offset): PendingRequest {
    const { endUnknown, offset: answered } = this.#responseStream;
    const wasAnswering = this.#pairing.answering !== undefined;
    const request = this.#pairing.requestBegan(offset, endUnknown, answered);
    if (wasAnswering && endUnknown && this.#pairing.answering === undefined) this.#responseStream.restart();
    return request;
  }

  requestSaid(request: PendingRequest, facts: HttpRequest): void {
    request.said = true;
    request.exchange.request(facts);
    this.#pairing.requestSaid(request);
  }

  requestsHidden(): void {
    this.#pairing.requestsHidden();
  }

  responseBegan(offset: Offset, status: number): void {
    this.#finishNextHead();
    this.#pairing.responseBegan(offset, !UNSOLICITED.has(status));
  }

  answeredMethod(): string | undefined {
    return this.#pairing.answering?.method;
  }

  responseSaid(facts: HttpResponse): void {
    this.#pairing.answering?.exchange.response(facts);
  }

  responseEnded(offset: Offset): void {
    this.#pairing.responseEnded(offset);
  }

  responseSuperseded(offset: Offset): void {
    this.#pairing.responseSuperseded(offset);
  }

  responsesHidden(offset: Offset): boolean {
    this.#finishNextHead();
    return this.#pairing.responsesHidden(offset);
  }

  /** A server that answers in the middle of a head has seen enough of it. */
  #finishNextHead(): void {
    if (!this.#pairing.needsHead) return;
    this.#requestStream.cutOpenHead();
    this.#requests.flush();
  }

  upgraded(): void {
    this.#pairing.responseEnded(this.#responseStream.offset);
    this.#pairing.stop('upgraded');
    this.#silence();
  }

  #silence(): void {
    this.#requestStream.silence();
    this.#responseStream.silence();
  }
}
