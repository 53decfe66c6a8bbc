import type { Clock } from '../collector/clock.ts';
import type { ResourceEnvelope, ScopeEnvelope } from '../otlp/envelope.ts';
import { TracesBuilder } from '../otlp/traces-builder.ts';
import type { CorrelateCounters } from './correlate-counters.ts';
import { Emitter } from './emit.ts';
import type { TreeNode } from './node.ts';

/** Takes what a release yields: an `ExportTraceServiceRequest` and the number of spans in it. */
export type Release = (body: Uint8Array, spans: number) => void;

/** Backends take requests of 4 MiB unless told otherwise (gRPC's default limit). */
const MAX_BYTES = 1024 * 1024;

/** Puts what leaves into requests of a size that backends take. */
export class ReleaseWriter {
  readonly #clock: Clock;
  readonly #release: Release;
  readonly #counters: CorrelateCounters;
  readonly #emitter: Emitter;
  #builder = new TracesBuilder();
  #bytes = 0;

  constructor(clock: Clock, release: Release, counters: CorrelateCounters) {
    this.#clock = clock;
    this.#release = release;
    this.#counters = counters;
    this.#emitter = new Emitter(clock.epochUnixNano);
  }

  /** Writes a decided member of a tree, if it is to be shown. */
  write(node: TreeNode): void {
    if (node.type === 'sdk') this.#added(this.#emitter.span(node, this.#builder));
    else if (!node.frozen!.silent) {
      if (node.ambiguous) this.#counters.ambiguous.value++;
      this.#added(this.#emitter.exchange(node, this.#clock.now(), this.#builder));
    } else if (node.sdk) this.#counters.merged.value++;
    else this.#counters.notEmitted.value++;
  }

  /** Passes a span on as it came. Its bytes are read when `flush` is called. */
  untouched(resource: ResourceEnvelope, scope: ScopeEnvelope, span: Uint8Array): void {
    this.#builder.addSpan(resource, scope, span);
    this.#added(span.length);
  }

  /** Hands over what has been written. */
  flush(): void {
    const { count } = this.#builder;
    if (count === 0) return;
    const body = this.#builder.encode();
    this.#builder = new TracesBuilder();
    this.#bytes = 0;
    this.#release(body, count);
  }

  #added(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= MAX_BYTES) this.flush();
  }
}
