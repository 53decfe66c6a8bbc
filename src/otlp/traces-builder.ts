import type { ResourceEnvelope, ScopeEnvelope } from './envelope.ts';
import { LEN, putVarint, varintSize } from './wire/format.ts';
import { allocateMessage } from './wire/grpc-prefix.ts';

const FIELD_1 = (1 << 3) | LEN;
const FIELD_2 = (2 << 3) | LEN;

interface ScopeGroup {
  readonly envelope: Uint8Array;
  readonly spans: Uint8Array[];
  size: number;
}

interface ResourceGroup {
  readonly envelope: Uint8Array;
  readonly scopes: Map<string, ScopeGroup>;
}

/**
 * Puts spans together into an `ExportTraceServiceRequest`, grouped by resource and then by scope in the order
 * in which each was first added. What is added is kept by reference and must not change until `encode`.
 */
export class TracesBuilder {
  readonly #resources = new Map<string, ResourceGroup>();
  #count = 0;

  /** Number of spans added. */
  get count(): number {
    return this.#count;
  }

  /**
   * `resource` and `scope` are envelopes' bytes, the keys their identity (see `ResourceEnvelope`), `span` a
   * `Span` message.
   */
  add(
    resource: Uint8Array,
    resourceKey: string,
    scope: Uint8Array,
    scopeKey: string,
    span: Uint8Array,
  ): void {
    let resourceGroup = this.#resources.get(resourceKey);
    if (!resourceGroup) {
      resourceGroup = { envelope: resource, scopes: new Map() };
      this.#resources.set(resourceKey, resourceGroup);
    }
    let scopeGroup = resourceGroup.scopes.get(scopeKey);
    if (!scopeGroup) {
      scopeGroup = { envelope: scope, spans: [], size: scope.length };
      resourceGroup.scopes.set(scopeKey, scopeGroup);
    }
    scopeGroup.spans.push(span);
    scopeGroup.size += fieldSize(span.length);
    this.#count++;
  }

  /** Adds a `Span` message to its envelopes. */
  addSpan(resource: ResourceEnvelope, scope: ScopeEnvelope, span: Uint8Array): void {
    this.add(resource.bytes, resource.key, scope.bytes, scope.key, span);
  }

  /** The request; empty bytes (the empty request) when nothing was added. */
  encode(): Uint8Array {
    const sizes: number[] = [];
    let total = 0;
    for (const { envelope, scopes } of this.#resources.values()) {
      let size = envelope.length;
      for (const scope of scopes.values()) size += fieldSize(scope.size);
      sizes.push(size);
      total += fieldSize(size);
    }
    const out = allocateMessage(total);
    let at = 0;
    let i = 0;
    for (const { envelope, scopes } of this.#resources.values()) {
      at = putHeader(out, at, FIELD_1, sizes[i++]!);
      at = putBytes(out, at, envelope);
      for (const scope of scopes.values()) {
        at = putHeader(out, at, FIELD_2, scope.size);
        at = putBytes(out, at, scope.envelope);
        for (const span of scope.spans) {
          at = putHeader(out, at, FIELD_2, span.length);
          at = putBytes(out, at, span);
        }
      }
    }
    return out;
  }
}

/** Bytes a length-delimited field takes whose number is below 16. */
function fieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}

function putHeader(out: Uint8Array, at: number, tag: number, length: number): number {
  out[at] = tag;
  return putVarint(out, at + 1, length);
}

function putBytes(out: Uint8Array, at: number, bytes: Uint8Array): number {
  out.set(bytes, at);
  return at + bytes.length;
}
