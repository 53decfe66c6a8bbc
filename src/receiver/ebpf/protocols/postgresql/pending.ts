import type { ExchangeSink, Offset, OpenExchange } from '../protocol.ts';
import { failedWith, type PostgresRequest, type PostgresResponse, SUCCEEDED } from './facts.ts';

/** Requests on their way on one connection; more are begun and given up at once. */
const MOST_PENDING = 4096;
/** Results remembered while it is not known whose they are. */
const MOST_OUTCOMES = 64;

type Entry =
  /** Answered up to ReadyForQuery. A function call has no exchange. */
  | {
      readonly kind: 'query';
      readonly exchange: OpenExchange | undefined;
      begun: boolean;
      response: PostgresResponse | undefined;
    }
  /** Answered up to CommandComplete, EmptyQueryResponse, PortalSuspended or an error. */
  | { readonly kind: 'execute'; readonly exchange: OpenExchange; begun: boolean }
  /** Executes beyond what is remembered. */
  | { readonly kind: 'uncounted'; count: number }
  /** ReadyForQuery answers it. */
  | { readonly kind: 'sync' }
  /** A gap hid requests here. */
  | { readonly kind: 'hidden' };

interface Outcome {
  readonly begin: Offset;
  readonly end: Offset;
  readonly response: PostgresResponse;
}

/**
 * Which request a response answers. Responses come in the order of the requests; after an error everything up to
 * the next Sync is skipped (PostgreSQL documentation, "Extended Query"). ReadyForQuery is the fixed point from
 * which a connection is understood again after a gap.
 */
export class Pending {
  readonly #sink: ExchangeSink;
  #entries: Entry[] = [];
  /** Several ReadyForQuery were owed at once. */
  #pipelined = false;
  /** After an error whose Sync has not been sent. */
  #skipping = false;
  /** Between a gap in the responses and the next ReadyForQuery: results can not be counted. */
  #uncertain = false;
  #outcomes: Outcome[] = [];
  #outcomeBegin: Offset | undefined;
  /** One past the last byte of the responses so far. */
  answered: Offset = 0;

  constructor(sink: ExchangeSink) {
    this.#sink = sink;
  }

  /** A connection begins: the first ReadyForQuery answers that. */
  startup(): void {
    this.#push({ kind: 'sync' });
  }

  query(offset: Offset, facts: PostgresRequest): void {
    this.#settle();
    const exchange = this.#begin(offset, facts);
    if (exchange) this.#push({ kind: 'query', exchange, begun: false, response: undefined });
    else this.#push({ kind: 'sync' });
  }

  functionCall(): void {
    this.#settle();
    this.#push({ kind: 'query', exchange: undefined, begun: false, response: undefined });
  }

  execute(offset: Offset, facts: PostgresRequest): void {
    this.#settle();
    if (this.#skipping) return;
    const exchange = this.#begin(offset, facts);
    if (exchange) {
      this.#entries.push({ kind: 'execute', exchange, begun: false });
      return;
    }
    const last = this.#entries.at(-1);
    if (last?.kind === 'uncounted') last.count++;
    else this.#entries.push({ kind: 'uncounted', count: 1 });
  }

  sync(): void {
    this.#settle();
    this.#skipping = false;
    this.#push({ kind: 'sync' });
  }

  requestsHidden(): void {
    if (this.#pipelined && this.#entries.some(isFixedPoint)) {
      this.#sink.stop('unparseable');
      return;
    }
    if (this.#entries.at(-1)?.kind !== 'hidden') this.#entries.push({ kind: 'hidden' });
  }

  responsesHidden(): void {
    if (this.#entries.filter(isFixedPoint).length > 1) {
      this.#sink.stop('unparseable');
      return;
    }
    this.#uncertain = true;
  }

  /** The first bytes of a result. */
  resultBegan(offset: Offset): void {
    const entry = this.#entries[0];
    if (entry?.kind === 'query' || (entry?.kind === 'execute' && !this.#uncertain))
      this.#beginResponse(entry, offset);
    else this.#outcomeBegin ??= offset;
  }

  /** RowDescription: begins a simple query's result; otherwise it answers Describe. */
  described(offset: Offset): void {
    if (this.#entries[0]?.kind === 'query') this.resultBegan(offset);
  }

  /** A command is complete. */
  completed(offset: Offset, end: Offset): void {
    this.resultBegan(offset);
    const entry = this.#entries[0];
    if (entry?.kind === 'query') entry.response ??= SUCCEEDED;
    else if (this.#uncertain || entry?.kind === 'hidden') this.#remember(offset, end, SUCCEEDED);
    else if (entry?.kind === 'execute') {
      this.#entries.shift();
      entry.exchange.response(SUCCEEDED);
      entry.exchange.end(end);
    } else if (entry?.kind === 'uncounted' && --entry.count === 0) this.#entries.shift();
  }

  failed(offset: Offset, end: Offset, sqlState: string | undefined): void {
    const entry = this.#entries[0];
    if (entry === undefined) {
      this.#skipping = true;
      return;
    }
    const response = failedWith(sqlState);
    if (entry.kind === 'query') {
      this.#beginResponse(entry, offset);
      if (!entry.response?.failed) entry.response = response;
      return;
    }
    const fixed = this.#entries.findIndex(isFixedPoint);
    if (fixed < 0) this.#skipping = true;
    if (this.#uncertain || entry.kind === 'hidden') {
      this.#remember(offset, end, response);
      return;
    }
    let isFirst = true;
    for (const skipped of this.#entries.splice(0, fixed < 0 ? this.#entries.length : fixed)) {
      if (skipped.kind !== 'execute') continue;
      // The error may be that of the Parse or Bind in front of it.
      if (isFirst) {
        this.#beginResponse(skipped, offset);
        skipped.exchange.response(response);
        skipped.exchange.end(end);
      } else skipped.exchange.discard();
      isFirst = false;
    }
  }

  /** ReadyForQuery. */
  ready(offset: Offset, end: Offset): void {
    const fixed = this.#entries.findIndex(isFixedPoint);
    if (fixed >= 0) {
      const batch = this.#entries.splice(0, fixed + 1);
      const last = batch.at(-1);
      if (last?.kind === 'query' && last.exchange) {
        this.#beginResponse(last, offset);
        if (last.response) last.exchange.response(last.response);
        last.exchange.end(end);
      }
      this.#resolve(batch, end);
    }
    this.#skipping = false;
    this.#uncertain = false;
    this.#outcomes = [];
    this.#outcomeBegin = undefined;
  }

  /** The connection turns into a stream of changes: nothing on it is a request. */
  replication(): void {
    for (const entry of this.#entries) if ('exchange' in entry) entry.exchange?.discard();
    this.#entries = [];
    this.#sink.stop('replication');
  }

  /** Gives the executes of a batch with gaps the results that are surely theirs. */
  #resolve(batch: readonly Entry[], end: Offset): void {
    const executes = batch.filter((entry) => entry.kind === 'execute');
    const outcomes = this.#outcomes;
    // Results missing in the middle leave only the last one certain; hidden requests came before those that were seen.
    const known = this.#uncertain ? Math.min(1, outcomes.length) : outcomes.length;
    const matched = executes.length <= known || this.#uncertain ? Math.min(known, executes.length) : 0;
    for (const [i, entry] of executes.entries()) {
      const outcome = outcomes[outcomes.length - executes.length + i];
      if (i < executes.length - matched || !outcome) {
        entry.exchange.lost(end);
        continue;
      }
      this.#beginResponse(entry, outcome.begin);
      entry.exchange.response(outcome.response);
      entry.exchange.end(outcome.end);
    }
  }

  #remember(offset: Offset, end: Offset, response: PostgresResponse): void {
    this.#outcomes.push({ begin: this.#outcomeBegin ?? offset, end, response });
    this.#outcomeBegin = undefined;
    if (this.#outcomes.length > MOST_OUTCOMES) this.#outcomes.shift();
  }

  #beginResponse(entry: { exchange: OpenExchange | undefined; begun: boolean }, offset: Offset): void {
    if (entry.begun) return;
    entry.begun = true;
    entry.exchange?.responseBegin(offset);
  }

  #begin(offset: Offset, facts: PostgresRequest): OpenExchange | undefined {
    const exchange = this.#sink.begin(offset);
    exchange.request(facts);
    if (this.#entries.length < MOST_PENDING) return exchange;
    exchange.lost(this.answered);
    return undefined;
  }

  #push(entry: Entry & { kind: 'query' | 'sync' }): void {
    if (this.#entries.some(isFixedPoint)) this.#pipelined = true;
    this.#entries.push(entry);
  }

  /**
   * Who does not pipeline has seen the answer to everything before a new request: whatever stood in front of a gap
   * that hid requests is over.
   */
  #settle(): void {
    const hidden = this.#entries.findIndex(({ kind }) => kind === 'hidden');
    if (hidden < 0 || !this.#entries.slice(0, hidden).some(isFixedPoint)) return;
    for (const entry of this.#entries.splice(0, hidden + 1))
      if ('exchange' in entry) entry.exchange?.lost(this.answered);
  }
}

function isFixedPoint({ kind }: Entry): boolean {
  return kind === 'query' || kind === 'sync';
}
