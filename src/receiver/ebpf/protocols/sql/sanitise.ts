import { SqlLexer } from './lexer.ts';
import { SqlSummary } from './summary.ts';

/** What may be said about a query without repeating what its author put into it. */
export interface SqlFacts {
  /** The text with `?` for every literal, without comments, white space folded, IN-lists collapsed. */
  readonly text: string;
  /** Operations and their targets in order, at most 255 characters; undefined where no operation is recognised. */
  readonly summary: string | undefined;
  /** The first operation as written. */
  readonly operation: string | undefined;
  /** The query consists of this one operation. */
  readonly single: boolean;
  /** The target, where there is exactly one. */
  readonly collection: string | undefined;
}

const OPENING = 0x28;
const CLOSING = 0x29;
const COMMA = 0x2c;
const DOT = 0x2e;

/**
 * Replaces literals and summarises, in one pass (semantic conventions, "Sanitization of db.query.text" and
 * "Generating a summary of the query"). Any text is accepted; `text` may be cut anywhere.
 */
export function analyseSql(text: string): SqlFacts {
  const lexer = new SqlLexer(text);
  const summary = new SqlSummary();
  let out = '';
  let end = 0;
  /** Where `out` stood in front of a list that follows IN, and what of it was seen. */
  let list: { values: number; expectValue: boolean; at: number } | undefined;
  let afterIn = false;
  while (lexer.next()) {
    const { kind, first } = lexer;
    const isBoolean = kind === 'word' && BOOLEAN.test(lexer.text);
    const shown = kind === 'literal' || isBoolean ? '?' : lexer.text;
    if (lexer.from > end && end > 0) out += ' ';
    end = lexer.to;
    if (list) {
      if (list.expectValue && (shown === '?' || kind === 'placeholder')) {
        list.values++;
        list.expectValue = false;
      } else if (!list.expectValue && first === COMMA && kind === 'punctuation') list.expectValue = true;
      else {
        if (!list.expectValue && first === CLOSING && list.values > 1) out = `${out.slice(0, list.at)}?`;
        list = undefined;
      }
    }
    out += shown;
    if (afterIn && kind === 'punctuation' && first === OPENING)
      list = { values: 0, expectValue: true, at: out.length };
    afterIn = kind === 'word' && IN.test(shown);
    summary.token(kind, shown, kind === 'punctuation' && first === DOT);
  }
  return {
    text: out,
    summary: summary.text,
    operation: summary.operation,
    single: summary.operations === 1,
    collection: summary.collection,
  };
}

const BOOLEAN = /^(?:true|false)$/i;
const IN = /^in$/i;
