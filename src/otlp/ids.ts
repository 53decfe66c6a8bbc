const DIGITS = new Uint8Array(128);
for (let i = 0; i < 10; i++) DIGITS[0x30 + i] = i;
for (let i = 0; i < 6; i++) DIGITS[0x61 + i] = DIGITS[0x41 + i] = 10 + i;

/** Writes the id that `hex` (an even number of valid hex digits) stands for; returns the position after it. */
export function putHex(out: Uint8Array, position: number, hex: string): number {
  let at = position;
  for (let i = 0; i < hex.length; i += 2)
    out[at++] = (DIGITS[hex.charCodeAt(i)]! << 4) | DIGITS[hex.charCodeAt(i + 1)]!;
  return at;
}

/** The bytes of an id in hex. */
export function idBytes(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length >>> 1);
  putHex(bytes, 0, hex);
  return bytes;
}
