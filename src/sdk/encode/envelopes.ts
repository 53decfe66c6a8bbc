import { LEN, VARINT } from '../../otlp/wire/format.ts';
import { WireWriter } from '../../otlp/wire/writer.ts';
import type { SdkResource, SdkScope } from '../readable-span.ts';
import { writeAttributes } from './attributes.ts';

/** `ResourceSpans` without its spans. */
export function encodeResource({ attributes, schemaUrl }: SdkResource): Uint8Array {
  return envelope(schemaUrl, (writer) => writeAttributes(writer, 1, attributes));
}

/** `ScopeSpans` without its spans. */
export function encodeScope(scope: SdkScope): Uint8Array {
  return envelope(scope.schemaUrl, (writer) => {
    writer.varint((1 << 3) | LEN);
    writer.text(scope.name);
    if (scope.version) {
      writer.varint((2 << 3) | LEN);
      writer.text(scope.version);
    }
    writeAttributes(writer, 3, scope.attributes);
    if (scope.droppedAttributesCount) {
      writer.varint((4 << 3) | VARINT);
      writer.varint64(scope.droppedAttributesCount);
    }
  });
}

/** Both messages have what they are about in field 1 and its schema in field 3. */
function envelope(schemaUrl: string | undefined, write: (writer: WireWriter) => void): Uint8Array {
  const writer = new WireWriter(256);
  writer.varint((1 << 3) | LEN);
  const start = writer.begin();
  write(writer);
  writer.end(start);
  if (schemaUrl) {
    writer.varint((3 << 3) | LEN);
    writer.text(schemaUrl);
  }
  return writer.copy();
}
