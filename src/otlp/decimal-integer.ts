const MINUS = 0x2d;
const ZERO = 0x30;
/** Of the largest 64-bit integer. */
const MAX_DIGITS = 20;
/** Of the text of a number: what is longer is not looked at. */
const MAX_LENGTH = 64;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** An integer read from decimal digits into two 32-bit halves, so that none of up to 64 bits is lost. */
export class DecimalInteger {
  negative = false;
  /** Halves of the magnitude. */
  lo = 0;
  hi = 0;

  /** Reads the bytes of a JSON number or of a string that holds one; false where that is no integer of 64 bits. */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.negative = bytes[start] === MINUS;
    const first = this.negative ? start + 1 : start;
    if (end - first > MAX_DIGITS || end === first) return this.#readAny(bytes, start, end);
    for (let i = first; i < end; i++) {
      const byte = bytes[i]!;
      if (byte < ZERO || byte > 0x39) return this.#readAny(bytes, start, end);
    }
    return this.#readDigits(bytes, first, end);
  }

  /** Two's complement of a negative value, in place. */
  complement(): void {
    if (!this.negative) return;
    this.lo = (~this.lo + 1) >>> 0;
    this.hi = (~this.hi + (this.lo === 0 ? 1 : 0)) >>> 0;
  }

  #readDigits(bytes: Uint8Array, start: number, end: number): boolean {
    let lo = 0;
    let hi = 0;
    for (let i = start; i < end; i++) {
      lo = lo * 10 + (bytes[i]! - ZERO);
      const carry = Math.floor(lo / 2 ** 32);
      lo -= carry * 2 ** 32;
      hi = hi * 10 + carry;
    }
    this.lo = lo;
    this.hi = hi;
    return hi < 2 ** 32;
  }

  /** Integers may come with a fraction of zeros, an exponent or leading zeros: 1.0, 1e3. */
  #readAny(bytes: Buffer, start: number, end: number): boolean {
    if (end - start > MAX_LENGTH) return false;
    const parts = DECIMAL.exec(bytes.toString('latin1', start, end));
    if (!parts) return false;
    const [, , whole, fraction = '', exponent = '0'] = parts;
    const significant = `${whole}${fraction}`.replace(/^0+/, '');
    const mantissa = significant.replace(/0+$/, '');
    const zeros = Number(exponent) - fraction.length + (significant.length - mantissa.length);
    if (mantissa === '') return this.#readDigits(bytes, 0, 0);
    if (zeros < 0 || mantissa.length + zeros > MAX_DIGITS) return false;
    const digits = Buffer.from(mantissa + '0'.repeat(zeros));
    return this.#readDigits(digits, 0, digits.length);
  }
}
