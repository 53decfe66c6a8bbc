import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type ScalarTag,
} from 'yaml';
import { formatPath, type Path, type Position, type Positions } from './position.ts';
import { ConfigError } from './problem.ts';

export interface ParsedYaml {
  readonly value: unknown;
  readonly positions: Positions;
}

const GO_INT = /^[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[\da-f_]+|0|[1-9][\d_]*)$/i;

/** Integers as Go's yaml.v3 reads them into an untyped value: `0123` and `0o123` are octal, `_` may group digits. */
const goInt: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  identify: Number.isInteger,
  default: true,
  test: GO_INT,
  resolve(text) {
    const digits = text.replaceAll('_', '').replace(/^[-+]/, '').toLowerCase();
    const octal = /^0([0-7]+)$/.exec(digits);
    const magnitude = Number(octal ? `0o${octal[1]}` : digits);
    return text.startsWith('-') && magnitude !== 0 ? -magnitude : magnitude;
  },
};

/**
 * Reads the first document of `text` as the Collector's YAML library does: `yes` and `no` are strings, merge keys work,
 * duplicate keys are errors.
 *
 * @param source what to call the text in positions and errors
 * @throws {ConfigError} `SPANLOOM_CONFIG_SYNTAX`, with line and column
 */
export function parseYaml(text: string, source: string): ParsedYaml {
  const lines = new LineCounter();
  const [document] = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    merge: true,
    uniqueKeys: true,
    prettyErrors: false,
    lineCounter: lines,
    customTags: (tags) => [goInt, ...tags],
  });
  if (!document) return { value: null, positions: new Map() };
  const error = document.errors[0];
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    const message = `${source}:${line}:${col}: invalid YAML: ${error.message}`;
    throw new ConfigError(message, [{ code: 'SPANLOOM_CONFIG_SYNTAX', message, path: [] }]);
  }
  const value = toPlain(() => document.toJS({ maxAliasCount: 1000 }), source);

  const positions = new Map<string, Position>();
  const locate = (path: Path, offset: number | undefined) => {
    if (offset === undefined) return;
    const { line, col } = lines.linePos(offset);
    positions.set(formatPath(path), { source, line, column: col });
  };
  const visit = (node: Node | null | undefined, path: Path, depth: number): void => {
    const target = isAlias(node) ? node.resolve(document) : node;
    if (depth > 100) return;
    if (isSeq(target))
      for (const [index, item] of target.items.entries()) {
        locate([...path, index], (item as Node).range?.[0]);
        visit(item as Node, [...path, index], depth + 1);
      }
    if (!isMap(target)) return;
    const pairs = target.items as Pair<Node, Node | null>[];
    // Merged keys first, so that the map's own keys replace their positions.
    for (const { key, value } of pairs)
      if (isMergeKey(key))
        for (const merged of isSeq(value) ? value.items : [value]) visit(merged as Node, path, depth + 1);
    for (const { key, value } of pairs) {
      if (isMergeKey(key)) continue;
      const name = isScalar(key) ? String(key.value) : String(key);
      locate([...path, name], key.range?.[0]);
      visit(value, [...path, name], depth + 1);
    }
  };
  visit(document.contents as Node | null, [], 0);
  return { value, positions };
}

function isMergeKey(key: Node): boolean {
  return isScalar(key) && key.source === '<<' && key.type === 'PLAIN';
}

function toPlain(convert: () => unknown, source: string): unknown {
  try {
    return convert();
  } catch (error) {
    const message = `${source}: invalid YAML: ${(error as Error).message}`;
    throw new ConfigError(message, [{ code: 'SPANLOOM_CONFIG_SYNTAX', message, path: [] }], { cause: error });
  }
}
