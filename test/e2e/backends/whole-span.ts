/** A value of an attribute with its type, so that 1, 1.0 and "1" differ. */
type Value = readonly [type: string, value: unknown];

/** Everything OTLP can say about a span, in a form that does not depend on who wrote the JSON. */
export type WholeSpan = Readonly<Record<string, unknown>>;

interface Json {
  readonly [field: string]: unknown;
}

function list(value: unknown): readonly Json[] {
  return (value ?? []) as readonly Json[];
}

function value(any: Json = {}): Value {
  const [type, content] = Object.entries(any)[0] ?? ['none', undefined];
  if (type === 'arrayValue') return [type, list((content as Json).values).map(value)];
  if (type === 'kvlistValue') return [type, attributes((content as Json).values)];
  return [type, type === 'intValue' ? String(content) : content];
}

/** By key: order has no meaning. */
function attributes(of: unknown): Readonly<Record<string, Value>> {
  return Object.fromEntries(list(of).map(({ key, value: any }) => [key, value(any as Json)]));
}

/** A field that is missing and one that has its default are the same in protobuf. */
function scalars(message: Json, ...names: string[]): Json {
  return Object.fromEntries(names.map((name) => [name, String(message[name] ?? '').replace(/^0$/, '')]));
}

function wholeSpan(span: Json): WholeSpan {
  return {
    ...scalars(span, 'traceId', 'spanId', 'parentSpanId', 'traceState', 'flags', 'name', 'kind'),
    ...scalars(span, 'startTimeUnixNano', 'endTimeUnixNano'),
    ...scalars(span, 'droppedAttributesCount', 'droppedEventsCount', 'droppedLinksCount'),
    status: scalars((span.status ?? {}) as Json, 'code', 'message'),
    attributes: attributes(span.attributes),
    events: list(span.events).map((event) => ({
      ...scalars(event, 'timeUnixNano', 'name', 'droppedAttributesCount'),
      attributes: attributes(event.attributes),
    })),
    links: list(span.links).map((link) => ({
      ...scalars(link, 'traceId', 'spanId', 'traceState', 'flags', 'droppedAttributesCount'),
      attributes: attributes(link.attributes),
    })),
  };
}

/** Jaeger's storage in memory keeps no schema URLs. */
export function withoutSchemaUrls(spans: ReadonlyMap<string, WholeSpan>): Map<string, WholeSpan> {
  const without = (part: unknown) => ({ ...(part as Json), schemaUrl: '' });
  return new Map(
    [...spans].map(([id, span]) => [
      id,
      { ...span, resource: without(span.resource), scope: without(span.scope) },
    ]),
  );
}

/** The spans of OTLP JSON requests, one a line, by `traceId/spanId`; an id that comes twice is an error. */
export function wholeSpans(lines: string): Map<string, WholeSpan> {
  const spans = new Map<string, WholeSpan>();
  for (const line of lines.split('\n').filter((text) => text !== ''))
    for (const ofResource of list((JSON.parse(line) as Json).resourceSpans)) {
      const resource = (ofResource.resource ?? {}) as Json;
      for (const ofScope of list(ofResource.scopeSpans)) {
        const scope = (ofScope.scope ?? {}) as Json;
        for (const span of list(ofScope.spans)) {
          const id = `${String(span.traceId)}/${String(span.spanId)}`;
          if (spans.has(id)) throw new Error(`span ${id} comes twice`);
          spans.set(id, {
            ...wholeSpan(span),
            resource: {
              ...scalars(resource, 'droppedAttributesCount'),
              ...scalars(ofResource, 'schemaUrl'),
              attributes: attributes(resource.attributes),
            },
            scope: {
              ...scalars(scope, 'name', 'version', 'droppedAttributesCount'),
              ...scalars(ofScope, 'schemaUrl'),
              attributes: attributes(scope.attributes),
            },
          });
        }
      }
    }
  return spans;
}
