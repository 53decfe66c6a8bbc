import type { KeyValue, Resource, Scope } from '../otlp-json.ts';
import { typedValue } from '../value-text.ts';

/** `     -> key: Str(value)`, one line an attribute, below `title`. Nothing where there are none. */
export function attributeLines(
  title: string,
  attributes: readonly KeyValue[] | undefined,
  indent = '     ',
): string[] {
  if (!attributes || attributes.length === 0) return [];
  return [title, ...attributes.map(({ key, value }) => `${indent}-> ${key ?? ''}: ${typedValue(value)}`)];
}

export function resourceLines(
  name: string,
  index: number,
  { resource, schemaUrl = '' }: { readonly resource?: Resource; readonly schemaUrl?: string },
): string[] {
  return [
    `Resource${name} #${index}`,
    `Resource SchemaURL: ${schemaUrl}`,
    ...attributeLines('Resource attributes:', resource?.attributes),
  ];
}

export function scopeLines(
  name: string,
  index: number,
  { scope, schemaUrl = '' }: { readonly scope?: Scope; readonly schemaUrl?: string },
): string[] {
  return [
    `Scope${name} #${index}`,
    `Scope${name} SchemaURL: ${schemaUrl}`,
    `InstrumentationScope ${scope?.name ?? ''} ${scope?.version ?? ''}`,
    ...attributeLines('InstrumentationScope attributes:', scope?.attributes),
  ];
}

/** Unix nanoseconds as Go prints times in UTC: `2026-11-23 15:00:00.123456789 +0000 UTC`. */
export function timeText(unixNano = '0'): string {
  const nanos = BigInt(unixNano);
  const date = new Date(Number(nanos / 1_000_000n));
  const [day, clock] = date.toISOString().split(/[T.]/);
  const fraction = String(nanos % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${day} ${clock}${fraction && `.${fraction}`} +0000 UTC`;
}

/** `name: count` where something was dropped. */
export function droppedLines(prefix: string, counts: Readonly<Record<string, number | undefined>>): string[] {
  return Object.entries(counts).flatMap(([name, count]) => (count ? [`${prefix}${name}: ${count}`] : []));
}
