import type { AnyValue, KeyValue } from './otlp-json.ts';

/** A value without its type: strings bare, lists and maps as JSON, bytes as base64. */
export function plainValue(value: AnyValue | undefined): string {
  const plain = toPlain(value);
  return typeof plain === 'string' ? plain : plain === undefined ? '' : JSON.stringify(plain);
}

/** A value with the type the Collector writes around it: `Str(x)`, `Int(1)`, `Slice([1,2])`. */
export function typedValue(value: AnyValue | undefined): string {
  if (value === undefined) return 'Empty()';
  if (value.stringValue !== undefined) return `Str(${value.stringValue})`;
  if (value.boolValue !== undefined) return `Bool(${value.boolValue})`;
  if (value.intValue !== undefined) return `Int(${value.intValue})`;
  if (value.doubleValue !== undefined) return `Double(${value.doubleValue})`;
  if (value.arrayValue !== undefined) return `Slice(${plainValue(value)})`;
  if (value.kvlistValue !== undefined) return `Map(${plainValue(value)})`;
  if (value.bytesValue !== undefined) return `Bytes(${value.bytesValue})`;
  return 'Empty()';
}

/** `a=1 b=x`, as in the normal verbosity. */
export function pairs(attributes: readonly KeyValue[] | undefined): string {
  return (attributes ?? []).map(({ key, value }) => `${key ?? ''}=${plainValue(value)}`).join(' ');
}

/** The value of attribute `key`, without its type. */
export function attribute(attributes: readonly KeyValue[] | undefined, key: string): string | undefined {
  const found = attributes?.find((candidate) => candidate.key === key);
  return found && plainValue(found.value);
}

type Plain = string | boolean | number | undefined | Plain[] | { [key: string]: Plain };

function toPlain(value: AnyValue | undefined): Plain {
  if (value?.arrayValue) return (value.arrayValue.values ?? []).map(toPlain);
  if (value?.kvlistValue)
    return Object.fromEntries(
      (value.kvlistValue.values ?? []).map((entry) => [entry.key ?? '', toPlain(entry.value)]),
    );
  if (value?.intValue !== undefined) return exactNumber(value.intValue);
  return value?.stringValue ?? value?.boolValue ?? value?.doubleValue ?? value?.bytesValue;
}

/** Integers that a double can not hold stay text. */
function exactNumber(text: string): number | string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}
