import { AttributeIndex } from './attribute-index.ts';
import { type AttributeValue, textOf } from './attribute-value.ts';
import { MalformedOtlpError } from './malformed.ts';
import { LEN } from './wire/format.ts';
import { WireReader } from './wire/reader.ts';

const FIELD_1 = (1 << 3) | LEN;
const FIELD_2 = (2 << 3) | LEN;

/** The resource that spans share: what a `ResourceSpans` holds besides its spans. */
export class ResourceEnvelope {
  #attributes: AttributeIndex | undefined;

  constructor(
    /** Identity of the content: equal for equal bytes, different for different ones. */
    readonly key: string,
    /** Every field of `ResourceSpans` except `scope_spans`, as it came. */
    readonly bytes: Uint8Array,
  ) {}

  /** The value of the resource attribute `key`. */
  attribute(key: string): AttributeValue | undefined {
    this.#attributes ??= this.#index();
    return this.#attributes.get(key);
  }

  #index(): AttributeIndex {
    const index = new AttributeIndex(this.bytes);
    eachField1(this.bytes, (start, end) => index.add(start, end, FIELD_1));
    return index;
  }
}

/** The instrumentation scope that spans share: what a `ScopeSpans` holds besides its spans. */
export class ScopeEnvelope {
  #name: string | undefined;
  #version = '';

  constructor(
    /** Identity of the content: equal for equal bytes, different for different ones. */
    readonly key: string,
    /** Every field of `ScopeSpans` except `spans`, as it came. */
    readonly bytes: Uint8Array,
  ) {}

  get name(): string {
    if (this.#name === undefined) this.#read();
    return this.#name!;
  }

  get version(): string {
    if (this.#name === undefined) this.#read();
    return this.#version;
  }

  #read(): void {
    let name = '';
    eachField1(this.bytes, (start, end) => {
      const reader = new WireReader(this.bytes, start, end);
      while (reader.pos < end) {
        const tag = reader.tag();
        if (tag !== FIELD_1 && tag !== FIELD_2) {
          reader.skip(tag);
          continue;
        }
        const length = reader.length();
        const text = textOf(this.bytes, reader.pos, reader.pos + length);
        if (tag === FIELD_1) name = text;
        else this.#version = text;
        reader.pos += length;
      }
    });
    this.#name = name;
  }
}

/** `Resource` and `InstrumentationScope` both are field 1 of what holds them. */
function eachField1(bytes: Uint8Array, visit: (start: number, end: number) => void): void {
  const reader = new WireReader(bytes);
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag !== FIELD_1) {
      reader.skip(tag);
      continue;
    }
    const length = reader.length();
    visit(reader.pos, reader.pos + length);
    reader.pos += length;
  }
}

/**
 * Copies the fields of the message at `start` out, except those that hold the items (field 2 of both
 * messages).
 */
export function copyEnvelope(body: Uint8Array, start: number, end: number): Uint8Array {
  const reader = new WireReader(body, start, end);
  const parts: Uint8Array[] = [];
  let kept = start;
  while (reader.pos < end) {
    const field = reader.pos;
    const tag = reader.tag();
    if (tag >>> 3 === 2 && tag !== FIELD_2)
      throw new MalformedOtlpError(`field 2 has the wrong wire type ${tag & 7}`, field);
    reader.skip(tag);
    if (tag !== FIELD_2) continue;
    if (field > kept) parts.push(body.subarray(kept, field));
    kept = reader.pos;
  }
  if (end > kept) parts.push(body.subarray(kept, end));
  return new Uint8Array(Buffer.concat(parts));
}
