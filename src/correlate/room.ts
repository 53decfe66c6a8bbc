import type { Forest } from './forest.ts';
import type { CorrelateOptions } from './options.ts';
import type { SdkTrace } from './sdk-only/sdk-trace.ts';
import type { SdkTraces } from './sdk-only/sdk-traces.ts';
import type { Tree } from './tree.ts';

/** Keeps what is held and remembered within the limits. */
export class Room {
  readonly #options: CorrelateOptions;
  readonly #forest: Forest;
  readonly #sdkTraces: SdkTraces;

  constructor(options: CorrelateOptions, forest: Forest, sdkTraces: SdkTraces) {
    this.#options = options;
    this.#forest = forest;
    this.#sdkTraces = sdkTraces;
  }

  /** While there is too much: forgets the longest remembered, then gives out the longest held. */
  takeOverLimit(): { readonly trees: Tree[]; readonly traces: SdkTrace[] } {
    this.forgetOverLimit();
    const out = { trees: [] as Tree[], traces: [] as SdkTrace[] };
    let size = this.#size;
    let bytes = this.#forest.bytes + this.#sdkTraces.bytes;
    const { maxSpans, maxBytes } = this.#options;
    if (size <= maxSpans && bytes <= maxBytes) return out;
    const trees = this.#forest.held[Symbol.iterator]();
    const traces = this.#sdkTraces.held[Symbol.iterator]();
    let tree: Tree | undefined = trees.next().value;
    let trace: SdkTrace | undefined = traces.next().value;
    while ((size > maxSpans || bytes > maxBytes) && (tree || trace))
      if (tree === undefined || (trace && trace.heldSince <= tree.heldSince)) {
        out.traces.push(trace!);
        size -= trace!.size;
        bytes -= trace!.bytes;
        trace = traces.next().value;
      } else {
        out.trees.push(tree);
        size -= tree.nodes.length;
        bytes -= tree.bytes;
        tree = trees.next().value;
      }
    return out;
  }

  /** Forgets of what has left as much as there is too much, the longest remembered first. */
  forgetOverLimit(): void {
    this.#sdkTraces.forgetWhile(() => this.#size > this.#options.maxSpans);
    while (this.#size > this.#options.maxSpans && this.#forest.forgetOldest());
  }

  get #size(): number {
    return this.#forest.size + this.#sdkTraces.size;
  }
}
