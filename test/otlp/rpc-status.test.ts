import { describe, expect, it } from 'vitest';
import { encodeRpcStatus } from '../../src/otlp/rpc-status.ts';
import { concat, int, len } from './support/wire.ts';

describe('encodeRpcStatus', () => {
  it('writes code and message', () => {
    expect(encodeRpcStatus(3, 'bad é')).toEqual(concat(int(1, 3), len(2, 'bad é')));
  });

  it('adds a RetryInfo with seconds and nanoseconds', () => {
    const retryInfo = len(1, int(1, 2), int(2, 500_000_000));
    expect(encodeRpcStatus(14, 'busy', 2500)).toEqual(
      concat(
        int(1, 14),
        len(2, 'busy'),
        len(3, len(1, 'type.googleapis.com/google.rpc.RetryInfo'), len(2, retryInfo)),
      ),
    );
  });
});
