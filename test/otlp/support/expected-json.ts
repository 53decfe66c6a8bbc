import { type Field, MessageType } from '../../../src/otlp/schema/message-type.ts';

/** What OTLP/JSON says of a value that protobufjs decoded. */
export function expectedJson(type: MessageType, plain: Record<string, unknown>): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const field of type.fields) {
    const value = plain[field.name];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    const expected = Array.isArray(value)
      ? value.map((each) => expectedValue(field, each))
      : expectedValue(field, value);
    const isDefault = expected === '' || expected === false || Object.is(expected, 0) || expected === '0';
    if (field.cardinality === 'singular' && isDefault && !(field.type === 'string' && expected === '0'))
      continue;
    json[field.name] = expected;
  }
  return json;
}

function expectedValue({ type }: Field, value: unknown): unknown {
  if (type instanceof MessageType) return expectedJson(type, value as Record<string, unknown>);
  if (value instanceof Uint8Array) return Buffer.from(value).toString(type === 'id' ? 'hex' : 'base64');
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}
