import fc from 'fast-check';
import type { Signal } from '../../../src/collector/component.ts';
import { AnyValue } from '../../../src/otlp/schema/common.ts';
import { type Field, MessageType, type Scalar } from '../../../src/otlp/schema/message-type.ts';
import { REQUESTS } from '../../../src/otlp/schema/requests.ts';
import { concat, double, fixed32, fixed64, group, int, len } from './wire.ts';

const INT64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)),
);
const UINT64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 2n ** 53n + 1n, 2n ** 64n - 1n),
);
const UINT32 = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 0xffff_ffff));
const INT32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const DOUBLE = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, 1, 42, 1e21, Number.NaN, Number.POSITIVE_INFINITY),
);
const TEXT = fc.string({ unit: 'binary', maxLength: 12 });

/** Lengths of ids: `any` includes those that are no ids, `right` has those of OTLP and none. */
type IdLengths = 'any' | 'right';

function idLengths(name: string, lengths: IdLengths): readonly number[] {
  if (lengths === 'any') return [8, 16, 0, 5];
  return [name === 'traceId' ? 16 : 8, 0];
}

/** One field of a scalar type. */
function scalar(type: Scalar, { number, name }: Field, ids: IdLengths): fc.Arbitrary<Uint8Array> {
  switch (type) {
    case 'string':
      return TEXT.map((text) => len(number, text));
    case 'bytes':
      return fc.uint8Array({ maxLength: 20 }).map((bytes) => len(number, bytes));
    case 'id':
      return fc
        .constantFrom(...idLengths(name, ids))
        .chain((size) => fc.uint8Array({ minLength: size, maxLength: size }))
        .map((bytes) => len(number, bytes));
    case 'bool':
      return fc.boolean().map((value) => int(number, value ? 1 : 0));
    case 'enum':
      return fc.integer({ min: 0, max: 5 }).map((value) => int(number, value));
    case 'int32':
      return INT32.map((value) => int(number, value));
    case 'sint32':
      return INT32.map((value) => int(number, ((value << 1) ^ (value >> 31)) >>> 0));
    case 'uint32':
      return UINT32.map((value) => int(number, value));
    case 'fixed32':
      return UINT32.map((value) => fixed32(number, value));
    case 'int64':
      return INT64.map((value) => int(number, value));
    case 'uint64':
      return UINT64.map((value) => int(number, value));
    case 'fixed64':
      return UINT64.map((value) => fixed64(number, value));
    case 'sfixed64':
      return INT64.map((value) => fixed64(number, value));
    case 'double':
      return DOUBLE.map((value) => double(number, value));
  }
}

/** Fields that no version of OTLP knows, of every wire type. */
const unknownField: fc.Arbitrary<Uint8Array> = fc.integer({ min: 100, max: 3000 }).chain((number) =>
  fc.oneof(
    UINT64.map((value) => int(number, value)),
    UINT64.map((value) => fixed64(number, value)),
    UINT32.map((value) => fixed32(number, value)),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => len(number, bytes)),
    UINT32.map((value) => group(number, int(1, value), group(2, len(3, 'x')))),
  ),
);

function field(schema: Field, depth: number, ids: IdLengths): fc.Arbitrary<Uint8Array> {
  const { number, type, cardinality } = schema;
  const one =
    type instanceof MessageType
      ? message(type, depth - 1, ids).map((body) => len(number, body))
      : scalar(type, schema, ids);
  return cardinality === 'repeated'
    ? fc.array(one, { maxLength: 3, size: 'max' }).map((fields) => concat(...fields))
    : one;
}

/** Fields in any order, singular ones at most once, at most one of a `oneof`, unknown ones between them. */
function message(type: MessageType, depth: number, ids: IdLengths): fc.Arbitrary<Uint8Array> {
  // Fields of profiles, which the oracle does not know; and no values in values without end.
  const fields = type.fields.filter(
    ({ name, type: nested }) =>
      !name.endsWith('Strindex') && (type !== AnyValue || depth > 0 || !(nested instanceof MessageType)),
  );
  const plain = fields.filter(({ cardinality }) => cardinality !== 'oneof');
  const choices = fields.filter(({ cardinality }) => cardinality === 'oneof');
  const some = (arbitrary: fc.Arbitrary<Uint8Array>) =>
    fc.option(arbitrary, { nil: new Uint8Array(), freq: 4 });
  const parts = plain.map((each) => some(field(each, depth, ids)));
  if (choices.length > 0) parts.push(some(fc.oneof(...choices.map((each) => field(each, depth, ids)))));
  parts.push(fc.option(unknownField, { nil: new Uint8Array(), freq: 1 }));
  return fc
    .tuple(...parts)
    .chain((written) => fc.shuffledSubarray(written, { minLength: written.length }))
    .map((written) => concat(...written));
}

/** Valid requests of a signal, as no exporter would write them and any may. */
export function arbitraryRequest(signal: Signal, ids: IdLengths = 'any'): fc.Arbitrary<Uint8Array> {
  return message(REQUESTS[signal], 7, ids);
}

/** Valid messages of one type. */
export function arbitraryMessage(type: MessageType): fc.Arbitrary<Uint8Array> {
  return message(type, 4, 'any');
}
