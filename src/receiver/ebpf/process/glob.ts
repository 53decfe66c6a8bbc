/**
 * Globs over texts that are not only paths: `*` any characters, `/` and none included, `?` one character, `[a-z]`
 * and `[!a-z]` one of (not of) these, `{a,b}` alternatives, `\` takes the next character as it is.
 *
 * Glob libraries treat `/` and dots as a shell does with files, which command lines are not. Matching takes time
 * proportional to pattern times text, whatever the text: any user of a host may start a process with any arguments.
 */
export type Glob = (text: string) => boolean;

/** Alternatives multiply: `{a,b}{a,b}{a,b}` are eight patterns. */
const MAX_ALTERNATIVES = 256;

type Token = { readonly any: true } | { readonly any: false; readonly matches: (char: string) => boolean };

const STAR: Token = { any: true };

/** @throws {RangeError} a bracket or brace is not closed, or there are too many alternatives */
export function compileGlob(pattern: string): Glob {
  const alternatives = expandBraces(pattern).map(tokenize);
  return (text) => {
    const characters = [...text];
    return alternatives.some((tokens) => matchTokens(tokens, characters));
  };
}

/** Goes back to the last star only: an earlier star can take nothing that the last one could not. */
function matchTokens(tokens: readonly Token[], text: readonly string[]): boolean {
  let t = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < text.length; ) {
    const token = tokens[t];
    if (token?.any) {
      star = t++;
      resume = i;
    } else if (token?.matches(text[i]!)) {
      t++;
      i++;
    } else if (star >= 0) {
      t = star + 1;
      i = ++resume;
    } else return false;
  }
  while (tokens[t]?.any) t++;
  return t === tokens.length;
}

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const char = characters[i]!;
    if (char === '*') {
      if (tokens.at(-1) !== STAR) tokens.push(STAR);
    } else if (char === '?') tokens.push({ any: false, matches: () => true });
    else if (char === '[') {
      const end = closingBracket(characters, i);
      tokens.push({ any: false, matches: characterClass(characters.slice(i + 1, end)) });
      i = end;
    } else {
      const literal = char === '\\' && i + 1 < characters.length ? characters[++i]! : char;
      tokens.push({ any: false, matches: (c) => c === literal });
    }
  }
  return tokens;
}

/** A `]` right after `[` or `[!` is one of the characters. */
function closingBracket(characters: readonly string[], open: number): number {
  const first = open + (isNegation(characters[open + 1]) ? 2 : 1);
  const end = characters.indexOf(']', first + 1);
  if (end < 0) throw new RangeError('the bracket "[" is not closed (write "\\[" for the character itself)');
  return end;
}

function isNegation(char: string | undefined): boolean {
  return char === '!' || char === '^';
}

function characterClass(body: readonly string[]): (char: string) => boolean {
  const negated = isNegation(body[0]);
  const ranges: [low: number, high: number][] = [];
  for (let i = negated ? 1 : 0; i < body.length; i++) {
    const low = body[i]!.codePointAt(0)!;
    const isRange = body[i + 1] === '-' && i + 2 < body.length;
    ranges.push([low, isRange ? body[i + 2]!.codePointAt(0)! : low]);
    if (isRange) i += 2;
  }
  return (char) => {
    const code = char.codePointAt(0)!;
    return ranges.some(([low, high]) => low <= code && code <= high) !== negated;
  };
}

function expandBraces(pattern: string): string[] {
  const open = findUnescaped(pattern, '{', 0);
  if (open < 0) return [pattern];
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let i = open; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === '\\') i++;
    else if (char === '{') depth++;
    else if (char === ',' && depth === 1) {
      parts.push(pattern.slice(from, i));
      from = i + 1;
    } else if (char === '}' && --depth === 0) {
      parts.push(pattern.slice(from, i));
      const expanded = parts.flatMap((part) =>
        expandBraces(pattern.slice(0, open) + part + pattern.slice(i + 1)),
      );
      if (expanded.length > MAX_ALTERNATIVES)
        throw new RangeError(
          `the braces make ${expanded.length} alternatives, more than ${MAX_ALTERNATIVES}`,
        );
      return expanded;
    }
  }
  throw new RangeError('the brace "{" is not closed (write "\\{" for the character itself)');
}

function findUnescaped(pattern: string, wanted: string, from: number): number {
  for (let i = from; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++;
    else if (pattern[i] === wanted) return i;
  }
  return -1;
}
