import { describe, expect, it } from 'vitest';
import { parseWrk } from '../../bench/common/wrk.ts';

const OUTPUT = `Running 3s test @ http://127.0.0.1:20001/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   336.99us  345.35us   8.77ms   96.91%
    Req/Sec   104.69k    10.10k  120.51k    80.00%
  Latency Distribution
     50%  283.00us
     75%  341.00us
     90%  451.00us
     99%    1.97ms
  312465 requests in 3.00s, 46.19MB read
Requests/sec: 104151.31
Transfer/sec:     15.40MB
`;

describe('the output of wrk', () => {
  it('gives requests, their rate, and latencies in microseconds', () => {
    expect(parseWrk(OUTPUT)).toEqual({
      requests: 312_465,
      requestsPerSecond: 104_151.31,
      p50: 283,
      p99: 1970,
    });
    expect(parseWrk(OUTPUT.replace('283.00us', '1.20s')).p50).toBe(1.2e6);
  });

  it('is refused where requests failed or something is missing', () => {
    const errors = 'Socket errors: connect 0, read 5, write 0, timeout 0';
    expect(() => parseWrk(`${OUTPUT}  ${errors}\n`)).toThrow(`wrk had failures: ${errors}`);
    expect(() => parseWrk(`${OUTPUT}  Non-2xx or 3xx responses: 3\n`)).toThrow('Non-2xx');
    expect(() => parseWrk('unable to connect')).toThrow('wrk printed nothing that fits');
    expect(() => parseWrk(OUTPUT.replace('283.00us', '283parsec'))).toThrow('283parsec');
  });
});
