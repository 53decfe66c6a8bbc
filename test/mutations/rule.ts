/** A small change of the source that takes a rule out, or a part of it. */
export interface Mutation {
  /** Below `src/`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly by: string;
  /** The test files of which one has to fail, below `test/`, without `.test.ts`. */
  readonly tests: readonly string[];
}

/** A rule of the merge. */
export interface Rule {
  readonly name: string;
  readonly says: string;
  readonly mutations: readonly Mutation[];
}

export interface Section {
  readonly title: string;
  readonly rules: readonly Rule[];
}

/** A rule, and how it is taken out: file below `src/`, text, what takes its place, test files below `test/`. */
export function rule(
  name: string,
  says: string,
  ...mutations: readonly (readonly [file: string, text: string, by: string, ...tests: string[]])[]
): Rule {
  return {
    name,
    says,
    mutations: mutations.map(([file, text, by, ...tests]) => ({ file, text, by, tests })),
  };
}
