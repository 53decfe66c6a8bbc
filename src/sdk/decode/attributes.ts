import { type AttributeValue, readAnyValue } from '../../otlp/attribute-value.ts';
import { LEN } from '../../otlp/wire/format.ts';
import type { WireReader } from '../../otlp/wire/reader.ts';
import type { SpanAttributes, SpanAttributeValue } from '../readable-span.ts';
import { eachField, nested, readText } from './fields.ts';

/** Collects the attributes of a message; of a key that comes twice the first value counts. */
export class AttributeReader {
  readonly #values = new Map<string, SpanAttributeValue>();

  /** Reads the `KeyValue` field that begins here. */
  read(reader: WireReader): true {
    let key = '';
    let value: AttributeValue = null;
    nested(reader, () =>
      eachField(reader, (tag) => {
        if (tag === ((1 << 3) | LEN)) key = readText(reader);
        else if (tag === ((2 << 3) | LEN)) value = nested(reader, readAnyValue);
        else return false;
        return true;
      }),
    );
    if (!this.#values.has(key)) this.#values.set(key, sdkValue(value));
    return true;
  }

  attributes(): SpanAttributes {
    return Object.fromEntries(this.#values);
  }
}

/**
 * An integer beyond the safe ones becomes text: no SDK takes a bigint. Bytes, maps, mixed lists and the empty value are
 * more than the API of 1.9 has types for; exporters of OTLP write them as what they are.
 */
function sdkValue(value: AttributeValue): SpanAttributeValue {
  return plain(value) as SpanAttributeValue;
}

function plain(value: AttributeValue): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return value.slice();
  if (isMap(value)) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  return value.map(plain);
}

/** `instanceof Map` does not narrow a `ReadonlyMap`. */
function isMap(value: object): value is ReadonlyMap<string, AttributeValue> {
  return value instanceof Map;
}
