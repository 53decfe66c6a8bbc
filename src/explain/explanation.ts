/** Of the shape below; raised when a field changes its meaning or goes. */
export const EXPLANATION_VERSION = 1;

/** What `--format json` writes; see docs/explain.md. */
export interface Explanations {
  readonly version: typeof EXPLANATION_VERSION;
  readonly file: string;
  /** What the file is: a recording tells everything, the output of a pipeline what its spans say. */
  readonly source: 'recording' | 'output';
  /** More than one where several traces have a span of that id. */
  readonly spans: readonly Explanation[];
}

/** Why one span is where it is. */
export interface Explanation {
  readonly span: SpanFacts;
  /** In the order in which they are best read. */
  readonly topics: readonly Topic[];
}

export interface SpanFacts extends SpanRef {
  /** Empty for a root. */
  readonly parent_span_id: string;
  readonly service: string;
  readonly kind: string;
  /** What it is about: the span's name, or operation and target. */
  readonly name: string;
  readonly zero_code: boolean;
}

/** Ids as they left the pipeline. */
export interface SpanRef {
  readonly trace_id: string;
  readonly span_id: string;
}

/** What was considered: one question and what is known about it. */
export interface Topic {
  readonly topic:
    | 'parent'
    | 'evidence'
    | 'wire_context'
    | 'other_end'
    | 'sdk_span'
    | 'exchange'
    | 'trace_id'
    | 'times'
    | 'children'
    | 'not_told';
  readonly facts: readonly Fact[];
}

export interface Fact {
  /** Stable. */
  readonly code: string;
  readonly text: string;
  /** The kind of evidence it is about. */
  readonly evidence?: string;
  /** The spans it is about. */
  readonly spans?: readonly SpanRef[];
}
