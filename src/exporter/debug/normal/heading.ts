import type { Resource, Scope } from '../otlp-json.ts';
import { pairs } from '../value-text.ts';

/** `ResourceTraces #0 [schema] a=1`. */
export function resourceHeading(
  name: string,
  index: number,
  { resource, schemaUrl }: { readonly resource?: Resource; readonly schemaUrl?: string },
): string {
  return joined(`Resource${name} #${index}`, schemaUrl && `[${schemaUrl}]`, pairs(resource?.attributes));
}

/** `ScopeTraces #0 name@version [schema] a=1`. */
export function scopeHeading(
  name: string,
  index: number,
  { scope, schemaUrl }: { readonly scope?: Scope; readonly schemaUrl?: string },
): string {
  const emitter = scope?.version ? `${scope.name ?? ''}@${scope.version}` : scope?.name;
  return joined(`Scope${name} #${index}`, emitter, schemaUrl && `[${schemaUrl}]`, pairs(scope?.attributes));
}

/** The parts that say something, with a space between them. */
export function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
