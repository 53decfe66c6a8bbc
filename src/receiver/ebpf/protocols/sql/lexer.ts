export type TokenKind =
  /** A key word or an unquoted identifier. */
  | 'word'
  /** `"Quoted"` or `` `quoted` ``. */
  | 'quoted'
  /** A string, number, bit string or dollar-quoted text. */
  | 'literal'
  /** `$1`, `?`, `:name`, `@name`. */
  | 'placeholder'
  | 'punctuation'
  | 'end';

const WORD = 1;
const DIGIT = 2;
const SPACE = 4;

/** What may stand in a word, begin a number, or separate tokens; everything beyond ASCII may stand in a word. */
const CLASS = new Uint8Array(128);
for (let c = 0; c <= 32; c++) CLASS[c] = SPACE;
for (let c = 0x30; c <= 0x39; c++) CLASS[c] = DIGIT;
for (const c of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_') CLASS[c.charCodeAt(0)] = WORD;

const QUOTE = 0x27;
const DOLLAR = 0x24;

/**
 * Cuts SQL text into tokens (PostgreSQL's lexical rules, which standard SQL fits into). Comments and white space are
 * skipped. It accepts anything, also text that ends in the middle of a token.
 */
export class SqlLexer {
  kind: TokenKind = 'end';
  from = 0;
  to = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get text(): string {
    return this.#text.slice(this.from, this.to);
  }

  /** Code of the token's first character. */
  get first(): number {
    return this.#text.charCodeAt(this.from);
  }

  next(): boolean {
    const text = this.#text;
    const from = this.#skip(this.to);
    this.from = from;
    if (from >= text.length) {
      this.to = text.length;
      this.kind = 'end';
      return false;
    }
    const code = text.charCodeAt(from);
    const kind = code < 128 ? CLASS[code]! : WORD;
    if (kind === WORD) return this.#word(from);
    return kind === DIGIT ? this.#number(from) : this.#other(from, code);
  }

  #set(kind: TokenKind, to: number): true {
    this.kind = kind;
    this.to = to;
    return true;
  }

  #word(from: number): true {
    const text = this.#text;
    let to = from + 1;
    while (to < text.length && isWordPart(text.charCodeAt(to))) to++;
    // E'…', B'…', X'…', N'…' and U&'…' are strings with a prefix.
    const next = text.charCodeAt(to);
    if (next === QUOTE && to - from === 1) {
      const prefix = text.charCodeAt(from) | 0x20;
      if (prefix === 0x65 /* e */) return this.#set('literal', endOfQuoted(text, to, QUOTE, true));
      if (prefix === 0x62 || prefix === 0x78 || prefix === 0x6e)
        return this.#set('literal', endOfQuoted(text, to, QUOTE));
    }
    if (next === 0x26 /* & */ && to - from === 1 && (text.charCodeAt(from) | 0x20) === 0x75) {
      if (text.charCodeAt(to + 1) === QUOTE) return this.#set('literal', endOfQuoted(text, to + 1, QUOTE));
    }
    return this.#set('word', to);
  }

  #number(from: number): true {
    const text = this.#text;
    let to = from + 1;
    for (; to < text.length; to++) {
      const code = text.charCodeAt(to);
      if (isWordPart(code) || code === 0x2e /* . */) continue;
      const sign = code === 0x2b || code === 0x2d;
      // A sign belongs to the number behind an exponent only, which hexadecimal digits do not have.
      const isExponent =
        (text.charCodeAt(to - 1) | 0x20) === 0x65 && (text.charCodeAt(from + 1) | 0x20) !== 0x78;
      if (!(sign && isExponent)) break;
    }
    return this.#set('literal', to);
  }

  #other(from: number, code: number): true {
    const text = this.#text;
    const next = text.charCodeAt(from + 1);
    switch (code) {
      case QUOTE:
        return this.#set('literal', endOfQuoted(text, from, QUOTE));
      case 0x22: // "
      case 0x60: // `
        return this.#set('quoted', endOfQuoted(text, from, code));
      case DOLLAR:
        return this.#dollar(from);
      case 0x2e: // .5
        if (next >= 0x30 && next <= 0x39) return this.#number(from);
        break;
      case 0x3f: // ?
        return this.#set('placeholder', from + 1);
      case 0x3a: // : and ::
        if (next === 0x3a) return this.#set('punctuation', from + 2);
        break;
    }
    if ((code === 0x3a || code === 0x40) && isWordPart(next)) {
      let to = from + 2;
      while (to < text.length && isWordPart(text.charCodeAt(to))) to++;
      return this.#set('placeholder', to);
    }
    return this.#set('punctuation', from + 1);
  }

  /** `$1`, or text between two equal tags such as `$body$`. */
  #dollar(from: number): true {
    const text = this.#text;
    let to = from + 1;
    const first = text.charCodeAt(to);
    if (first >= 0x30 && first <= 0x39) {
      while (to < text.length && CLASS[text.charCodeAt(to)] === DIGIT) to++;
      return this.#set('placeholder', to);
    }
    while (to < text.length && text.charCodeAt(to) !== DOLLAR && isWordPart(text.charCodeAt(to))) to++;
    if (text.charCodeAt(to) !== DOLLAR) return this.#set('literal', to);
    const tag = text.slice(from, to + 1);
    const end = text.indexOf(tag, to + 1);
    return this.#set('literal', end < 0 ? text.length : end + tag.length);
  }

  #skip(at: number): number {
    const text = this.#text;
    let i = at;
    for (; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 128 && CLASS[code] === SPACE) continue;
      if (code === 0x2d && text.charCodeAt(i + 1) === 0x2d) {
        const lf = text.indexOf('\n', i);
        if (lf < 0) return text.length;
        i = lf;
      } else if (code === 0x2f && text.charCodeAt(i + 1) === 0x2a) i = endOfComment(text, i) - 1;
      else break;
    }
    return i;
  }
}

function isWordPart(code: number): boolean {
  return code >= 128 || (CLASS[code]! & (WORD | DIGIT)) !== 0 || code === DOLLAR;
}

/** One past the closing quote; doubled quotes stand for one. */
function endOfQuoted(text: string, from: number, quote: number, backslashes = false): number {
  for (let i = from + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (backslashes && code === 0x5c) i++;
    else if (code === quote) {
      if (text.charCodeAt(i + 1) !== quote) return i + 1;
      i++;
    }
  }
  return text.length;
}

/** Comments nest in PostgreSQL. */
function endOfComment(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const next = text.charCodeAt(i + 1);
    if (code === 0x2f && next === 0x2a) {
      depth++;
      i++;
    } else if (code === 0x2a && next === 0x2f) {
      i++;
      if (--depth === 0) return i + 1;
    }
  }
  return text.length;
}
