/** Keeps what a parser says and fails where it breaks the order that `OpenExchange` promises. */
export class RecordingSink {
  all = [];
  stopped;
  /** What would become spans: everything but the discarded. */
  get exchanges() {
    return this.all.filter(({ outcome }) => outcome !== 'discarded');
  }
  begin(offset) {
    this.#running();
    const recorded = {
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
  stop(reason) {
    this.#running();
    this.stopped = reason;
  }
  #running() {
    if (this.stopped !== undefined) throw new Error(`the parser went on after stop('${this.stopped}')`);
  }
}
class Recording {
  recorded;
  constructor(recorded) {
    this.recorded = recorded;
  }
  request(facts) {
    this.#open('request');
    this.#first(this.recorded.request, 'request');
    this.recorded.request = facts;
  }
  responseBegin(offset) {
    this.#open('responseBegin');
    this.#first(this.recorded.responseBegin, 'responseBegin');
    this.recorded.responseBegin = offset;
  }
  response(facts) {
    this.#open('response');
    this.#first(this.recorded.response, 'response');
    this.recorded.response = facts;
  }
  end(offset) {
    this.#open('end');
    if (this.recorded.responseBegin === undefined) throw new Error('an exchange ended without a response');
    if (offset <= this.recorded.responseBegin) throw new Error('an exchange ended before its response began');
    this.recorded.end = offset;
    this.recorded.outcome = 'ended';
  }
  lost(offset) {
    this.#open('lost');
    this.recorded.end = offset;
    this.recorded.outcome = 'lost';
  }
  discard() {
    this.#open('discard');
    this.recorded.outcome = 'discarded';
  }
  #open(call) {
    if (this.recorded.outcome !== 'open')
      throw new Error(`${call} after the exchange was ${this.recorded.outcome}`);
  }
  #first(value, call) {
    if (value !== undefined) throw new Error(`${call} was called twice`);
  }
}
