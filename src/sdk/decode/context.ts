import { FIXED32, LEN } from '../../otlp/wire/format.ts';
import type { WireReader } from '../../otlp/wire/reader.ts';
import type { SpanContext } from '../readable-span.ts';
import { readId, readText } from './fields.ts';
import { ParsedTraceState } from './trace-state.ts';

/** The fields that make up the context of a span and of a link. */
export class ContextReader {
  #traceId = '';
  #spanId = '';
  #traceState = '';
  #flags = 0;
  readonly #flagsTag: number;

  /** `flags` is the number of the field that holds the flags. */
  constructor(flags: number) {
    this.#flagsTag = (flags << 3) | FIXED32;
  }

  /** Reads the field `tag` if it is one of a context. */
  read(reader: WireReader, tag: number): boolean {
    if (tag === ((1 << 3) | LEN)) this.#traceId = readId(reader);
    else if (tag === ((2 << 3) | LEN)) this.#spanId = readId(reader);
    else if (tag === ((3 << 3) | LEN)) this.#traceState = readText(reader);
    else if (tag === this.#flagsTag) this.#flags = reader.fixed32();
    else return false;
    return true;
  }

  /** What bits 8 and 9 of the flags say: whether the context came from elsewhere, where that is known. */
  get isRemote(): boolean | undefined {
    return this.#flags & 0x100 ? (this.#flags & 0x200) !== 0 : undefined;
  }

  context(): SpanContext {
    const context: SpanContext = {
      traceId: this.#traceId,
      spanId: this.#spanId,
      traceFlags: this.#flags & 0xff,
    };
    if (this.#traceState !== '') context.traceState = new ParsedTraceState(this.#traceState);
    return context;
  }
}
