import { latin1, startsWith } from '../text.ts';

/** The methods that semantic conventions know: RFC 9110, RFC 5789 (PATCH) and the QUERY method. */
export const KNOWN_METHODS = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'CONNECT',
  'TRACE',
  'QUERY',
] as const;

/** Further registered methods (IANA HTTP Method Registry) that are in use, WebDAV and caches above all. */
const REGISTERED: ReadonlySet<string> = new Set([
  ...KNOWN_METHODS,
  'ACL',
  'COPY',
  'LOCK',
  'MERGE',
  'MKCALENDAR',
  'MKCOL',
  'MOVE',
  'M-SEARCH',
  'NOTIFY',
  'PROPFIND',
  'PROPPATCH',
  'PURGE',
  'REPORT',
  'SEARCH',
  'SUBSCRIBE',
  'UNLOCK',
  'UNSUBSCRIBE',
]);

const SPACE = 0x20;
const LF = 0x0a;
const CR = 0x0d;
const DEL = 0x7f;
/** `M-SEARCH` and `VERSION-CONTROL` are the longest that anybody registered or uses. */
const LONGEST_METHOD = 24;
/** A request line longer than this is not waited for: known methods are believed without their version. */
const LONGEST_WAIT = 512;

/** Interned text of the known method that `data` holds at `from` followed by a space. */
export function knownMethod(data: Uint8Array, from: number): string | undefined {
  for (const method of candidates(data[from]!)) {
    const end = from + method.length;
    if (data[end] === SPACE && startsWith(data, from, method) === 'yes') return method;
  }
  return undefined;
}

const BY_FIRST_BYTE: readonly (readonly string[])[] = Array.from({ length: 256 }, (_, byte) =>
  KNOWN_METHODS.filter((method) => method.charCodeAt(0) === byte),
);

function candidates(byte: number): readonly string[] {
  return BY_FIRST_BYTE[byte] ?? [];
}

/** `tchar` of RFC 9110 5.6.2. */
const TOKEN = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
  TOKEN[char.charCodeAt(0)] = 1;

export function isToken(byte: number): boolean {
  return TOKEN[byte] === 1;
}

/** A request line (RFC 9112 3) and where its parts stand. */
export class RequestLine {
  /** One past the method. */
  methodTo = 0;
  targetFrom = 0;
  targetTo = 0;
  /** The byte after `HTTP/1.x`: CR or LF. */
  end = 0;
  /** The digit after `HTTP/1.`; undefined when the line is cut before it. */
  minor: number | undefined = undefined;

  /** Whether a request line begins at `from`; only a whole line, or an overlong one with a known method, is believed. */
  read(data: Uint8Array, from: number): 'yes' | 'no' | 'more' {
    const { length } = data;
    let i = from;
    while (i < length && TOKEN[data[i]!] === 1) i++;
    if (i - from > LONGEST_METHOD) return 'no';
    if (i === length) return 'more';
    if (i === from || data[i] !== SPACE) return 'no';
    this.methodTo = i++;
    this.targetFrom = i;
    while (i < length && data[i]! > SPACE && data[i] !== DEL) i++;
    this.targetTo = i;
    this.minor = undefined;
    if (i === length) {
      if (i - from >= LONGEST_WAIT) return isCutRequestLine(data, from) ? 'yes' : 'no';
      return 'more';
    }
    if (i === this.targetFrom || data[i] !== SPACE) return 'no';
    return this.#version(data, i + 1);
  }

  /** The same where a call may begin in the middle of a message: only registered methods are believed. */
  readStrictly(data: Uint8Array, from: number): 'yes' | 'no' | 'more' {
    const read = this.read(data, from);
    return read === 'yes' && !REGISTERED.has(latin1(data, from, this.methodTo)) ? 'no' : read;
  }

  #version(data: Uint8Array, at: number): 'yes' | 'no' | 'more' {
    const name = startsWith(data, at, 'HTTP/1.');
    if (name !== 'yes') return name;
    this.end = at + 8;
    if (this.end >= data.length) return 'more';
    const minor = data[this.end - 1]! - 0x30;
    const next = data[this.end];
    if (minor < 0 || minor > 9 || (next !== LF && next !== CR)) return 'no';
    this.minor = minor;
    return 'yes';
  }
}

/**
 * Whether a request line cut after `data` is believed: a known method and a target as they are written, which no
 * other protocol begins with.
 */
export function isCutRequestLine(data: Uint8Array, from: number): boolean {
  const method = knownMethod(data, from);
  return method !== undefined && beginsTarget(data, from + method.length + 1);
}

function beginsTarget(data: Uint8Array, at: number): boolean {
  return data[at] === 0x2f /* / */ || startsWith(data, at, 'http://') === 'yes';
}

/** Whether a status line (RFC 9112 4) begins at `from`; twelve bytes decide: `HTTP/1.1 200`. */
export function isStatusLine(data: Uint8Array, from: number): 'yes' | 'no' | 'more' {
  const name = startsWith(data, from, 'HTTP/1.');
  if (name !== 'yes') return name;
  for (let i = 7; i < 12; i++) {
    if (from + i >= data.length) return 'more';
    const byte = data[from + i]!;
    if (i === 8 ? byte !== SPACE : byte < 0x30 || byte > 0x39) return 'no';
  }
  return data[from + 9] === 0x30 ? 'no' : 'yes';
}

/** The status code of a line that `isStatusLine` accepted. */
export function statusCode(data: Uint8Array, from: number): number {
  return (data[from + 9]! - 0x30) * 100 + (data[from + 10]! - 0x30) * 10 + (data[from + 11]! - 0x30);
}
