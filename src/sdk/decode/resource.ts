import { LEN } from '../../otlp/wire/format.ts';
import type { WireReader } from '../../otlp/wire/reader.ts';
import type { SpanAttributes, SpanResource } from '../readable-span.ts';
import { AttributeReader } from './attributes.ts';
import { eachField, nested, readText } from './fields.ts';

/** The resource of the `ResourceSpans` that fills the reader up to its end. */
export function readResource(reader: WireReader): SpanResource {
  const attributes = new AttributeReader();
  let schemaUrl = '';
  eachField(reader, (tag) => {
    if (tag === ((3 << 3) | LEN)) schemaUrl = readText(reader);
    else if (tag === ((1 << 3) | LEN))
      nested(reader, () =>
        eachField(reader, (inner) => inner === ((1 << 3) | LEN) && attributes.read(reader)),
      );
    else return false;
    return true;
  });
  return new KnownResource(attributes.attributes(), schemaUrl);
}

class KnownResource implements SpanResource {
  readonly asyncAttributesPending = false;
  readonly schemaUrl?: string;

  constructor(
    readonly attributes: SpanAttributes,
    schemaUrl: string,
  ) {
    if (schemaUrl !== '') this.schemaUrl = schemaUrl;
  }

  async waitForAsyncAttributes(): Promise<void> {}

  merge(other: SpanResource | null): SpanResource {
    return other ? new MergedResource(this, other) : this;
  }

  getRawAttributes(): ReturnType<SpanResource['getRawAttributes']> {
    return Object.entries(this.attributes);
  }
}

/** Waits for what `other` may still have to find out. */
class MergedResource implements SpanResource {
  readonly schemaUrl?: string;

  constructor(
    readonly base: SpanResource,
    readonly other: SpanResource,
  ) {
    const schemaUrl = mergedSchema(base.schemaUrl, other.schemaUrl);
    if (schemaUrl !== undefined) this.schemaUrl = schemaUrl;
  }

  get asyncAttributesPending(): boolean {
    return this.other.asyncAttributesPending ?? false;
  }

  get attributes(): SpanAttributes {
    return { ...this.base.attributes, ...this.other.attributes };
  }

  async waitForAsyncAttributes(): Promise<void> {
    await this.other.waitForAsyncAttributes?.();
  }

  merge(other: SpanResource | null): SpanResource {
    return other ? new MergedResource(this, other) : this;
  }

  /** Of an attribute that is there twice, the first counts. */
  getRawAttributes(): ReturnType<SpanResource['getRawAttributes']> {
    return [...this.other.getRawAttributes(), ...this.base.getRawAttributes()];
  }
}

/** OpenTelemetry specification, Resource SDK, "Merge": different schemas leave none. */
function mergedSchema(base: string | undefined, other: string | undefined): string | undefined {
  if (!base || base === other) return other;
  return other ? undefined : base;
}
