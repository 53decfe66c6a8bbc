import type { CaptureSink } from '../../src/receiver/ebpf/capture/source.ts';
import type { Exchange } from '../../src/receiver/ebpf/exchange.ts';
import type { CaptureEvent, Message } from '../../src/receiver/ebpf/message.ts';
import { BLANK_LABEL, LABEL_BYTES, LABEL_PATTERN } from './label.ts';

interface Place {
  readonly label: string;
  /** Of its first byte in the stream. */
  readonly offset: number;
  /** Where the call that moved the last of its bytes begins and ends. */
  readonly callStart: number;
  readonly callEnd: number;
}

interface Stream {
  readonly places: Place[];
  /** What was captured up to `end`, as much of it as may hold the beginning of a label. */
  carry: string;
  end: number;
}

/** Where labels stand in the streams of a recording: fed with every message, asked afterwards. */
export class LabelPlaces {
  readonly #streams = new Map<string, Stream>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  message({ socket, direction, offset, length, head, tail }: Message): void {
    const stream = this.#stream(socket.cookie, direction);
    const call = { callStart: offset, callEnd: offset + length };
    this.#bytes(stream, offset, head, call);
    if (tail.length > 0) this.#bytes(stream, offset + length - tail.length, tail, call);
  }

  /** The label that an exchange's request carries. `next` is where the next request of its connection begins. */
  of(exchange: Exchange, next: number): string | undefined {
    const { connection, position, side, protocol } = exchange;
    const direction = side === 'client' ? 'send' : 'receive';
    const places = this.#streams.get(key(connection.socket.cookie, direction))?.places ?? [];
    // An extended query of PostgreSQL begins with Execute, and its parameters came before that in the same call.
    if (protocol.name === 'postgresql') {
      const bound = places.findLast(({ offset, callEnd }) => offset < position && position < callEnd);
      // What a later call moves is the parameter of a later query.
      return (
        bound ??
        places.find(({ offset, callStart }) => offset >= position && offset < next && callStart <= position)
      )?.label;
    }
    return places.find(({ offset }) => offset >= position && offset < next)?.label;
  }

  /** Overwrites every label byte in a message's captured bytes. */
  blank({ socket, direction, offset, length, head, tail }: Message): void {
    const places = this.#streams.get(key(socket.cookie, direction))?.places ?? [];
    for (const place of overlapping(places, offset, offset + length)) {
      overwrite(head, offset, place);
      overwrite(tail, offset + length - tail.length, place);
    }
  }

  #stream(cookie: number, direction: Message['direction']): Stream {
    const name = key(cookie, direction);
    let stream = this.#streams.get(name);
    if (!stream) {
      stream = { places: [], carry: '', end: 0 };
      this.#streams.set(name, stream);
    }
    return stream;
  }

  #bytes(
    stream: Stream,
    offset: number,
    bytes: Uint8Array,
    call: { readonly callStart: number; readonly callEnd: number },
  ): void {
    const carry = stream.end === offset ? stream.carry : '';
    const text = carry + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    for (const match of text.matchAll(LABEL_PATTERN)) {
      this.#count++;
      stream.places.push({ label: match[0], offset: offset - carry.length + match.index, ...call });
    }
    stream.end = offset + bytes.length;
    stream.carry = text.slice(-(LABEL_BYTES - 1));
  }
}

function key(cookie: number, direction: Message['direction']): string {
  return `${cookie} ${direction}`;
}

/** Places are in the order of the stream. */
function overlapping(places: readonly Place[], from: number, to: number): readonly Place[] {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]!.offset + LABEL_BYTES <= from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < places.length && places[end]!.offset < to) end++;
  return places.slice(low, end);
}

function overwrite(bytes: Uint8Array, start: number, place: Place): void {
  for (let i = 0; i < LABEL_BYTES; i++) {
    const at = place.offset + i - start;
    if (at >= 0 && at < bytes.length) bytes[at] = BLANK_LABEL.charCodeAt(i);
  }
}

/** Hands a recording on with every label byte overwritten. */
export function withoutLabels(sink: CaptureSink, places: LabelPlaces): CaptureSink {
  return {
    event: (event: CaptureEvent) => {
      if (event.type === 'message') places.blank(event);
      sink.event(event);
    },
    process: (facts) => sink.process(facts),
    otlpTraces: (body, peer) => {
      const text = Buffer.from(body).toString('latin1');
      const blank = text.replace(LABEL_PATTERN, BLANK_LABEL);
      sink.otlpTraces?.(new Uint8Array(Buffer.from(blank, 'latin1')), peer);
    },
    drained: () => sink.drained(),
  };
}
