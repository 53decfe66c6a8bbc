import type { Offset } from '../protocol.ts';
import type { Body } from './body.ts';
import { endOfCutHead } from './cut-head.ts';
import type { HttpResponse } from './facts.ts';
import { Field, Headers } from './headers.ts';
import type { Messages } from './message-stream.ts';
import { isStatusLine, statusCode } from './start-line.ts';

/** What a stream of responses tells the parser. */
export interface ResponseListener {
  /** A final response begins. */
  responseBegan(offset: Offset, status: number): void;
  /** Method of the request that is being answered; undefined where it is not known. */
  answeredMethod(): string | undefined;
  responseSaid(facts: HttpResponse): void;
  responseEnded(offset: Offset): void;
  responseSuperseded(offset: Offset): void;
  responsesHidden(offset: Offset): boolean;
  /** The connection speaks something else from here on. */
  upgraded(): void;
}

const headers = new Headers();

/** Responses: interim ones (1xx) are read over, the others end the exchange they answer. */
export class Responses implements Messages {
  readonly #listener: ResponseListener;
  #status = 0;
  #interim = false;
  #upgrade = false;
  #cutLength: number | undefined;
  #cutChunked = false;

  constructor(listener: ResponseListener) {
    this.#listener = listener;
  }

  /** Whether a response has a body depends on the method of its request. */
  get bodyDoubtful(): boolean {
    return this.#listener.answeredMethod() === undefined;
  }

  recognise(data: Uint8Array, from: number): 'yes' | 'no' | 'more' {
    return isStatusLine(data, from);
  }

  recogniseCut(_data: Uint8Array): boolean {
    return false;
  }

  begin(data: Uint8Array, from: number, offset: Offset): void {
    this.#status = statusCode(data, from);
    this.#interim = this.#status < 200 && this.#status !== 101;
    this.#upgrade = false;
    if (!this.#interim) this.#listener.responseBegan(offset, this.#status);
  }

  head(data: Uint8Array, from: number, body: Body): number {
    const lf = data.indexOf(0x0a, from + 12);
    const end = lf < 0 ? -1 : headers.read(data, lf + 1);
    if (end < 0) return -1;
    if (this.#interim) {
      body.start('none');
      return end;
    }
    const { contentLength, transferCoded, chunked } = framingFields();
    this.#say(contentLength);
    this.#upgrade = this.#isUpgrade();
    // RFC 9112 6.3, in its order.
    if (this.#upgrade || this.#hasNoBody()) body.start('none');
    else if (transferCoded) body.start(chunked ? 'chunked' : 'close');
    else if (contentLength !== undefined) body.start('length', contentLength);
    else body.start('close');
    return end;
  }

  headCut(data: Uint8Array): void {
    const lf = data.indexOf(0x0a);
    headers.read(data, lf < 0 ? data.length : lf + 1);
    const { contentLength, chunked } = framingFields();
    this.#cutLength = contentLength;
    this.#cutChunked = chunked;
    if (!this.#interim) this.#say(contentLength, true);
    if (this.#isUpgrade()) this.#listener.upgraded();
  }

  headTail(data: Uint8Array): boolean {
    const tail = endOfCutHead(data);
    if (!tail) return false;
    headers.read(data, tail.fieldsFrom);
    const { contentLength, chunked } = framingFields();
    const rest = data.length - tail.end;
    if (this.#interim || this.#hasNoBody()) return rest === 0;
    return !chunked && !this.#cutChunked && rest === (this.#cutLength ?? contentLength);
  }

  end(offset: Offset): void {
    if (this.#interim) return;
    this.#listener.responseEnded(offset);
    if (this.#upgrade) this.#listener.upgraded();
  }

  superseded(offset: Offset): void {
    if (!this.#interim) this.#listener.responseSuperseded(offset);
  }

  hidden(offset: Offset): boolean {
    this.#status = 0;
    this.#interim = false;
    return this.#listener.responsesHidden(offset);
  }

  #say(bodySize: number | undefined, cut = false): void {
    this.#listener.responseSaid({
      protocol: 'http',
      status: this.#status,
      failed: this.#status >= 500,
      bodySize,
      ...(cut && { cut }),
    });
  }

  /** RFC 9110 7.8 and 9.3.6: after these the connection is no longer HTTP. */
  #isUpgrade(): boolean {
    return (
      this.#status === 101 ||
      (this.#status >= 200 && this.#status < 300 && this.#listener.answeredMethod() === 'CONNECT')
    );
  }

  #hasNoBody(): boolean {
    return this.#status === 204 || this.#status === 304 || this.#listener.answeredMethod() === 'HEAD';
  }
}

function framingFields(): { contentLength: number | undefined; transferCoded: boolean; chunked: boolean } {
  let contentLength: number | undefined;
  let transferCoded = false;
  let chunked = false;
  for (let i = 0; i < headers.count; i++) {
    const field = headers.field(i);
    if (field === Field.ContentLength) contentLength ??= headers.length(i);
    else if (field === Field.TransferEncoding) {
      transferCoded = true;
      chunked = headers.isChunked(i);
    }
  }
  return { contentLength, transferCoded, chunked };
}
