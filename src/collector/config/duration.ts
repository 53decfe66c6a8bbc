import { z } from 'zod';
import type { Nanos } from '../clock.ts';

const UNIT_NANOS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // U+00B5, micro sign
  μs: 1e3, // U+03BC, Greek letter mu
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const WHOLE = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)[^\d.]+)+$/;
const TERM = /(\d+\.?\d*|\.\d+)([^\d.]+)/gy;

/**
 * Nanoseconds of a duration in Go's syntax (`300ms`, `-1.5h`, `2h45m`), which is what Collector configurations use.
 *
 * ```ts
 * import { parseDuration } from 'spanloom';
 *
 * console.log(parseDuration('1.5s')); // 1 500 000 000
 * ```
 *
 * @throws {SyntaxError} with the text of Go's `time.ParseDuration`.
 */
export function parseDuration(text: string): Nanos {
  if (/^[+-]?0$/.test(text)) return 0;
  const quoted = JSON.stringify(text);
  if (!WHOLE.test(text)) {
    const missingUnit = /^[+-]?(?:[\d.]+[^\d.]+)*(?:\d+\.?\d*|\.\d+)$/.test(text);
    throw new SyntaxError(
      missingUnit ? `time: missing unit in duration ${quoted}` : `time: invalid duration ${quoted}`,
    );
  }
  const negative = text.startsWith('-');
  let nanos = 0;
  for (const [, amount, unit] of text.replace(/^[+-]/, '').matchAll(TERM)) {
    const scale = Object.hasOwn(UNIT_NANOS, unit!) ? UNIT_NANOS[unit!] : undefined;
    if (scale === undefined)
      throw new SyntaxError(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    nanos += Number(amount) * scale;
  }
  nanos = Math.trunc(Number(nanos.toPrecision(15)));
  if (nanos >= 2 ** 63) throw new SyntaxError(`time: invalid duration ${quoted}`);
  return negative ? -nanos : nanos;
}

/**
 * A duration of a component's configuration, in nanoseconds.
 *
 * ```ts
 * import { duration, z } from 'spanloom';
 *
 * const config = z.strictObject({ timeout: duration('200ms') });
 * config.parse({ timeout: '2h45m' }).timeout; // 9 900 000 000 000
 * config.parse({}).timeout; // 200 000 000
 * ```
 *
 * A bare integer counts nanoseconds, as in the Collector. Divide by `MILLISECOND` for timers of Node.
 */
export function duration(defaultValue: string) {
  return z
    .unknown()
    .transform((value, context): Nanos => {
      if (typeof value === 'number' && Number.isInteger(value)) return value;
      if (typeof value !== 'string') {
        context.issues.push({ code: 'invalid_type', expected: 'duration', input: value });
        return z.NEVER;
      }
      try {
        return parseDuration(value);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message, params: { decoding: true } });
        return z.NEVER;
      }
    })
    .prefault(defaultValue);
}
