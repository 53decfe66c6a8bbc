import { FIXED32, FIXED64, LEN, VARINT } from '../wire/format.ts';
import { MessageType, type Scalar } from './message-type.ts';
// Defines every message, so that the tables below are complete.
import './requests.ts';

/** Field numbers below this are in the tables; OTLP's end at 16. */
export const FIELDS = 32;

/** Wire type of each scalar. */
export const WIRE_TYPE: Readonly<Record<Scalar, number>> = {
  string: LEN,
  bytes: LEN,
  id: LEN,
  bool: VARINT,
  enum: VARINT,
  int32: VARINT,
  sint32: VARINT,
  uint32: VARINT,
  int64: VARINT,
  uint64: VARINT,
  fixed32: FIXED32,
  fixed64: FIXED64,
  sfixed64: FIXED64,
  double: FIXED64,
};

/** Added to a shape: the field may also come packed, as one length-delimited run of values. */
export const PACKABLE = 8;

const size = MessageType.all.length * FIELDS;

/**
 * By `message.index * FIELDS + number`: wire type plus one (plus `PACKABLE`); 0 is a field the schema does
 * not know.
 */
export const SHAPES = new Uint8Array(size);

/** By the same index: index of the nested message plus one; 0 is a scalar. */
export const NESTED = new Uint8Array(size);

for (const { index, fields } of MessageType.all)
  for (const { number, type, cardinality } of fields) {
    const at = index * FIELDS + number;
    const wireType = type instanceof MessageType ? LEN : WIRE_TYPE[type];
    SHAPES[at] = wireType + 1 + (cardinality === 'repeated' && wireType !== LEN ? PACKABLE : 0);
    NESTED[at] = type instanceof MessageType ? type.index + 1 : 0;
  }
