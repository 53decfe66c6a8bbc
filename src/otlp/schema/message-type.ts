/**
 * How a field is encoded. `id` is `bytes` that OTLP/JSON writes in hex; an `enum` is a number in both
 * encodings.
 */
export type Scalar =
  | 'string'
  | 'bytes'
  | 'id'
  | 'bool'
  | 'enum'
  | 'int32'
  | 'sint32'
  | 'uint32'
  | 'fixed32'
  | 'int64'
  | 'uint64'
  | 'fixed64'
  | 'sfixed64'
  | 'double';

/**
 * How often a field stands: `singular` fields of their default value are as good as absent; `optional` ones
 * and the members of the message's `oneof` are not.
 */
type Cardinality = 'singular' | 'optional' | 'oneof' | 'repeated';

export interface Field {
  readonly number: number;
  /** The lowerCamelCase name of OTLP/JSON. */
  readonly name: string;
  readonly type: Scalar | MessageType;
  readonly cardinality: Cardinality;
}

type Fields = Readonly<Record<number, readonly [name: string, type: Scalar | MessageType, Cardinality?]>>;

/** A message of the OTLP protobuf schema (opentelemetry-proto 1.11.0). No message has more than one `oneof`. */
export class MessageType {
  /** Every message, in the order of `index`. */
  static readonly all: MessageType[] = [];
  readonly index: number;
  readonly fields: Field[] = [];
  /** By field number: place in `fields`. */
  readonly slots: (number | undefined)[] = [];

  constructor(
    readonly name: string,
    fields: Fields,
  ) {
    this.index = MessageType.all.push(this) - 1;
    this.add(fields);
  }

  /** Completes a message that contains itself. */
  add(fields: Fields): void {
    for (const [number, [name, type, cardinality = 'singular']] of Object.entries(fields))
      this.slots[Number(number)] = this.fields.push({ number: Number(number), name, type, cardinality }) - 1;
  }
}
