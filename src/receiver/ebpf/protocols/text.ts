const { latin1Slice, utf8Slice } = Buffer.prototype as unknown as Record<
  'latin1Slice' | 'utf8Slice',
  (this: Uint8Array, from: number, to: number) => string
>;

/** The bytes `from` (included) to `to` (excluded) as Latin-1, the encoding of HTTP heads (RFC 9110 5.5). */
export function latin1(data: Uint8Array, from: number, to: number): string {
  return to > from ? latin1Slice.call(data, from, to) : '';
}

/** The bytes `from` (included) to `to` (excluded) as UTF-8; malformed sequences become U+FFFD. */
export function utf8(data: Uint8Array, from: number, to: number): string {
  return to > from ? utf8Slice.call(data, from, to) : '';
}

/** Whether the ASCII letters of `lower` stand at `at`, in any case. */
export function matchesIgnoringCase(data: Uint8Array, at: number, lower: string): boolean {
  if (at + lower.length > data.length) return false;
  for (let i = 0; i < lower.length; i++) {
    const expected = lower.charCodeAt(i);
    const byte = data[at + i]!;
    const folded = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    if (folded !== expected) return false;
  }
  return true;
}

/** How far `data` from `at` agrees with `text`: all of it, as far as there is data, or not. */
export function startsWith(data: Uint8Array, at: number, text: string): 'yes' | 'no' | 'more' {
  const length = Math.min(text.length, data.length - at);
  for (let i = 0; i < length; i++) if (data[at + i] !== text.charCodeAt(i)) return 'no';
  return length === text.length ? 'yes' : 'more';
}
