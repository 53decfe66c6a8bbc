import type {
  ExchangeSink,
  Offset,
  OpenExchange,
  RequestFacts,
  ResponseFacts,
} from '../../src/receiver/ebpf/protocols/protocol.ts';

/** What a parser said about one exchange. */
export interface Recorded {
  readonly position: Offset;
  request: RequestFacts | undefined;
  responseBegin: Offset | undefined;
  response: ResponseFacts | undefined;
  end: Offset | undefined;
  outcome: 'open' | 'ended' | 'lost' | 'discarded';
}

/** Keeps what a parser says and fails where it breaks the order that `OpenExchange` promises. */
export class RecordingSink implements ExchangeSink {
  readonly all: Recorded[] = [];
  stopped: string | undefined;

  /** What would become spans: everything but the discarded. */
  get exchanges(): Recorded[] {
    return this.all.filter(({ outcome }) => outcome !== 'discarded');
  }

  begin(offset: Offset): OpenExchange {
    this.#running();
    const recorded: Recorded = {
      position: offset,
      request: undefined,
      responseBegin: undefined,
      response: undefined,
      end: undefined,
      outcome: 'open',
    };
    this.all.push(recorded);
    return new Recording(recorded);
  }

  stop(reason: Parameters<ExchangeSink['stop']>[0]): void {
    this.#running();
    this.stopped = reason;
  }

  #running(): void {
    if (this.stopped !== undefined) throw new Error(`the parser went on after stop('${this.stopped}')`);
  }
}

class Recording implements OpenExchange {
  constructor(private readonly recorded: Recorded) {}

  request(facts: RequestFacts): void {
    this.#open('request');
    this.#first(this.recorded.request, 'request');
    this.recorded.request = facts;
  }

  responseBegin(offset: Offset): void {
    this.#open('responseBegin');
    this.#first(this.recorded.responseBegin, 'responseBegin');
    this.recorded.responseBegin = offset;
  }

  response(facts: ResponseFacts): void {
    this.#open('response');
    this.#first(this.recorded.response, 'response');
    this.recorded.response = facts;
  }

  end(offset: Offset): void {
    this.#open('end');
    if (this.recorded.responseBegin === undefined) throw new Error('an exchange ended without a response');
    if (offset <= this.recorded.responseBegin) throw new Error('an exchange ended before its response began');
    this.recorded.end = offset;
    this.recorded.outcome = 'ended';
  }

  lost(offset: Offset): void {
    this.#open('lost');
    this.recorded.end = offset;
    this.recorded.outcome = 'lost';
  }

  discard(): void {
    this.#open('discard');
    this.recorded.outcome = 'discarded';
  }

  #open(call: string): void {
    if (this.recorded.outcome !== 'open')
      throw new Error(`${call} after the exchange was ${this.recorded.outcome}`);
  }

  #first(value: unknown, call: string): void {
    if (value !== undefined) throw new Error(`${call} was called twice`);
  }
}
