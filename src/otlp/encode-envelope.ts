import { type AttributeEntry, encodeAttributes } from './attributes.ts';
import { LEN } from './wire/format.ts';
import { WireWriter } from './wire/writer.ts';

/** The bytes of a `ResourceEnvelope`: a resource with these attributes, and the schema they follow. */
export function encodeResource(attributes: Iterable<AttributeEntry>, schemaUrl?: string): Uint8Array {
  return envelope(encodeAttributes(attributes, 1), schemaUrl);
}

/** The bytes of a `ScopeEnvelope`. */
export function encodeScope(
  name: string,
  version: string,
  attributes: Iterable<AttributeEntry> = [],
  schemaUrl?: string,
): Uint8Array {
  const scope = new WireWriter();
  scope.varint((1 << 3) | LEN);
  scope.text(name);
  if (version !== '') {
    scope.varint((2 << 3) | LEN);
    scope.text(version);
  }
  scope.raw(encodeAttributes(attributes, 3));
  return envelope(scope.copy(), schemaUrl);
}

function envelope(message: Uint8Array, schemaUrl: string | undefined): Uint8Array {
  const writer = new WireWriter();
  writer.field((1 << 3) | LEN, message);
  if (schemaUrl) {
    writer.varint((3 << 3) | LEN);
    writer.text(schemaUrl);
  }
  return writer.copy();
}
