import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readResponse } from '../../src/exporter/client/response.ts';
import { parseRpcStatus } from '../../src/exporter/client/rpc-status.ts';
import { encodeRpcStatus } from '../../src/otlp/rpc-status.ts';

describe('parseRpcStatus', () => {
  it('reads back message and retry delay', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.option(fc.integer({ min: 0, max: 10 ** 9 }), { nil: undefined }),
        (message, delay) => {
          expect(parseRpcStatus(encodeRpcStatus(8, message, delay))).toEqual({
            message,
            retryDelayMs: delay,
          });
        },
      ),
    );
  });

  it('takes a RetryInfo without a delay as no delay', () => {
    const any = Buffer.from('\x0a\x28type.googleapis.com/google.rpc.RetryInfo', 'latin1');
    const status = Buffer.concat([Buffer.from([0x1a, any.length]), any]);
    expect(parseRpcStatus(status)?.retryDelayMs).toBe(0);
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const status = parseRpcStatus(bytes);
        expect(status === undefined || typeof status.message === 'string').toBe(true);
      }),
    );
  });
});

describe('readResponse', () => {
  it('takes an empty response as full success', () => {
    expect(readResponse(new Uint8Array())).toEqual({ rejected: 0, message: '' });
  });

  it('says so when a response can not be read, and survives any bytes', () => {
    expect(readResponse(Uint8Array.of(0x0a, 0x09)).message).toContain('can not be read');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(readResponse(bytes).rejected).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
