/** Protobuf bytes by hand, for requests no library would write. */

export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const more = rest > 0x7fn;
    bytes.push(Number(rest & 0x7fn) | (more ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function tag(number: number, wireType: number): Uint8Array {
  return varint((number << 3) | wireType);
}

/** A length-delimited field: bytes, text or a message of these fields. */
export function len(number: number, ...value: readonly (Uint8Array | string)[]): Uint8Array {
  const body = concat(...value.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return concat(tag(number, 2), varint(body.length), body);
}

export function int(number: number, value: number | bigint): Uint8Array {
  return concat(tag(number, 0), varint(value));
}

export function fixed64(number: number, value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return concat(tag(number, 1), bytes);
}

export function fixed32(number: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return concat(tag(number, 5), bytes);
}

export function double(number: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return concat(tag(number, 1), bytes);
}

export function group(number: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return concat(tag(number, 3), ...fields, tag(number, 4));
}

/** A string attribute, as the field `number` of its message. */
export function attribute(number: number, key: string, value: string): Uint8Array {
  return len(number, len(1, key), len(2, len(1, value)));
}
