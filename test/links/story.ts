import { FirstEgress, TimeOnly } from '../../bench/links/baselines.ts';
import { LabelPlaces } from '../../bench/links/label-places.ts';
import type { Replayed } from '../../bench/links/replay.ts';
import { Counters } from '../../src/collector/counters.ts';
import { spanIdOf } from '../../src/correlate/identity.ts';
import type { Exchange } from '../../src/receiver/ebpf/exchange.ts';
import { Tracker } from '../../src/receiver/ebpf/tracker/tracker.ts';
import type { Span } from '../support/otlp-json.ts';
import { End, facts } from '../tracker/messages.ts';

const RESPONSE = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

function http(label: string, headers: readonly string[] = []): string {
  return ['GET / HTTP/1.1', `x-label: ${label}`, ...headers, '', ''].join('\r\n');
}

/** What one process did, written down as the capture would see it, with the links that a linker would make of it. */
export class Story {
  readonly places = new LabelPlaces();
  readonly exchanges: Exchange[] = [];
  readonly #tracker = new Tracker(new Counters(), 'ebpf');
  readonly #baselines = [new FirstEgress(), new TimeOnly()] as const;
  readonly #spans: Span[] = [];
  #cookie = 100;
  #at = 0;

  constructor(readonly pid = 1) {
    this.#tracker.process(facts(pid));
  }

  /** A request is read; the function answers it. */
  request(
    label: string,
    tid: number,
    headers: readonly string[] = [],
  ): { readonly exchange: Exchange; answer(): void } {
    const end = this.#end(true);
    this.#receive(end, http(label, headers), tid);
    return { exchange: this.exchanges.at(-1)!, answer: () => this.#send(end, RESPONSE, tid) };
  }

  /** A call is made and answered; its span has this parent, or none. */
  call(label: string, tid: number, parent?: Exchange | 'ambiguous'): Exchange {
    const end = this.#end(false);
    this.#send(end, http(label), tid);
    this.#receive(end, RESPONSE, tid);
    const exchange = this.exchanges.at(-1)!;
    const parentSpanId = typeof parent === 'object' ? spanIdOf(parent) : '';
    this.span(
      spanIdOf(exchange),
      parentSpanId,
      parent === 'ambiguous' ? 'spanloom.link.ambiguous' : undefined,
    );
    return exchange;
  }

  span(spanId: string, parentSpanId: string, attribute?: string): void {
    const attributes = attribute === undefined ? {} : { [attribute]: true };
    this.#spans.push({ spanId, parentSpanId, attributes } as unknown as Span);
  }

  replayed(): Replayed {
    const [firstEgress, timeOnly] = this.#baselines;
    return {
      exchanges: this.exchanges,
      places: this.places,
      spans: this.#spans,
      firstEgress: firstEgress.links,
      timeOnly: timeOnly.links,
      lost: 0,
    };
  }

  #end(accepted: boolean): End {
    return new End(this.pid, accepted, { cookie: this.#cookie++ });
  }

  #send(end: End, text: string, tid: number): void {
    this.#message({ ...end.send(text, this.#at++, { tid }) }, end);
  }

  #receive(end: End, text: string, tid: number): void {
    this.#message({ ...end.receive(text, this.#at++, { tid }) }, end);
  }

  #message(message: ReturnType<End['send']>, { socket }: End): void {
    // Each connection has a name of its own.
    const event = { ...message, localIsn: socket.cookie, remoteIsn: 1 };
    this.places.message(event);
    this.#tracker.event(event);
    for (const activity of this.#tracker.take()) {
      if (activity.type === 'request') this.exchanges.push(activity.exchange);
      for (const baseline of this.#baselines) baseline.observe(activity);
    }
  }
}
