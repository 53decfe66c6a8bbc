import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Signal } from '../../../collector/component.ts';
import type { Peer } from '../../../otlp/batch.ts';
import { PREFIX_BYTES } from '../../../otlp/wire/grpc-prefix.ts';
import { Body } from '../body.ts';
import type { Intake } from '../intake.ts';
import { GRPC, Refusal } from '../refusal.ts';
import { announcedLength, EMPTY_MESSAGE, unframe } from './frame.ts';
import { parseTimeout } from './timeout.ts';
import { refusalHeaders } from './trailers.ts';

const OK_HEADERS = { ':status': 200, 'content-type': 'application/grpc' };
const OK_TRAILERS = { 'grpc-status': '0' };
const WITH_TRAILERS = { waitForTrailers: true };
const END_STREAM = { endStream: true };

/** One unary `Export` call: reads the request, waits for the pipelines, answers. */
export class ExportCall {
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  readonly #intake: Intake;
  readonly #limit: number;
  readonly #body = new Body();
  #length: number | undefined;
  #answered = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, intake: Intake, limit: number) {
    this.#stream = stream;
    this.#headers = headers;
    this.#intake = intake;
    this.#limit = limit;
  }

  run(signal: Signal, peer: Peer | undefined): void {
    const stream = this.#stream;
    stream.on('data', (chunk: Uint8Array) => this.#take(chunk));
    stream.on('end', () => {
      if (!this.#answered) void this.#finish(signal, peer);
    });
  }

  /** Answers at once, whatever else the client sends. */
  refuse(error: unknown): void {
    this.#answer(this.#intake.refuse(error));
    this.#stream.resume();
  }

  #take(chunk: Uint8Array): void {
    if (this.#answered) return;
    this.#body.add(chunk);
    try {
      this.#length ??= announcedLength(this.#body, this.#limit);
      // Bytes behind the message: enough is here to say that the request is wrong.
      if (this.#length !== undefined && this.#body.length > PREFIX_BYTES + this.#length)
        throw new Refusal(
          'malformed',
          GRPC.INTERNAL,
          500,
          'a unary request has one message, and more than one came',
        );
    } catch (error) {
      this.#answer(this.#intake.refuse(error));
      this.#stream.close(constants.NGHTTP2_NO_ERROR);
    }
  }

  async #finish(signal: Signal, peer: Peer | undefined): Promise<void> {
    const timeoutMs = parseTimeout(this.#headers['grpc-timeout']);
    const deadline =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => this.#expire(), Math.min(timeoutMs, 2 ** 31 - 1));
    try {
      const encoding = this.#headers['grpc-encoding'];
      const message = await unframe(this.#body, encoding?.toString(), this.#limit);
      await this.#intake.accept(signal, message, peer);
      this.#succeed();
    } catch (error) {
      const refusal = this.#intake.refuse(error);
      this.#answer(refusal);
    } finally {
      clearTimeout(deadline);
    }
  }

  #expire(): void {
    this.#answer(
      this.#intake.refuse(
        new Refusal(
          'deadline',
          GRPC.DEADLINE_EXCEEDED,
          504,
          'the pipeline did not take the request before the deadline of the call',
        ),
      ),
    );
  }

  #succeed(): void {
    const stream = this.#stream;
    if (this.#answered || isGone(stream)) return;
    this.#answered = true;
    stream.on('wantTrailers', sendOkTrailers);
    stream.respond(OK_HEADERS, WITH_TRAILERS);
    stream.end(EMPTY_MESSAGE);
  }

  #answer(refusal: Refusal): void {
    if (this.#answered || isGone(this.#stream)) return;
    this.#answered = true;
    this.#stream.respond(refusalHeaders(refusal), END_STREAM);
  }
}

function sendOkTrailers(this: ServerHttp2Stream): void {
  if (!isGone(this)) this.sendTrailers(OK_TRAILERS);
}

/** A stream that the client has reset can not be answered; Node throws where one tries. */
export function isGone(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed;
}
