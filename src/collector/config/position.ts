/** Where a key stands in a configuration file. */
export interface Position {
  /** The location the text came from, such as a file's path. */
  readonly source: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

export type Path = readonly (string | number)[];

/** Positions of keys by their `::` path. */
export type Positions = ReadonlyMap<string, Position>;

/** `receivers::otlp::protocols::grpc`: how the Collector writes a place in its configuration. */
export function formatPath(path: Path): string {
  return path.join('::');
}

/** The position of `path`, or of the nearest key around it that was written down somewhere. */
export function positionOf(positions: Positions, path: Path): Position | undefined {
  for (let length = path.length; length > 0; length--) {
    const position = positions.get(formatPath(path.slice(0, length)));
    if (position) return position;
  }
  return undefined;
}

/** `positions` as they read when their root is placed at `path`. */
export function* under(path: Path, positions: Positions): Iterable<[string, Position]> {
  const prefix = formatPath(path);
  for (const [key, position] of positions) yield [prefix === '' ? key : `${prefix}::${key}`, position];
}
