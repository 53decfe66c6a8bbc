import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countItems } from '../../src/otlp/count-items.ts';
import { scanTraces, type TracesScan } from '../../src/otlp/traces-scan.ts';
import { onPath } from '../support/on-path.ts';

/** With CI=true a missing Go is a failure. */
const skipped = process.env.CI !== 'true' && !onPath('go');
if (skipped) console.warn('The load generator is not tested: Go, which builds it, is missing.');

describe.skipIf(skipped)('requests of the load generator', { timeout: 120_000 }, () => {
  let directory: string;
  let program: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'spanloom-load-'));
    program = join(directory, 'load');
    execFileSync('go', ['build', '-o', program, '.'], { cwd: 'bench/otlp/load' });
  }, 120_000);
  afterAll(() => rmSync(directory, { recursive: true }));

  function requests(
    count: number,
    spans: number,
  ): { readonly body: Uint8Array; readonly scan: TracesScan }[] {
    const output = execFileSync(program, ['-print', String(count), '-spans', String(spans)], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    return output
      .trim()
      .split('\n')
      .map((line) => Buffer.from(JSON.parse(line), 'base64'))
      .map((body) => ({ body, scan: scanTraces(body) }));
  }

  it.each([10, 100, 512])('are valid and have %i spans of about 400 bytes and ten attributes', (spans) => {
    for (const { body, scan } of requests(3, spans)) {
      expect(countItems('traces', body)).toBe(spans);
      expect(body.length / spans).toBeGreaterThan(380);
      expect(body.length / spans).toBeLessThan(450);
      expect(scan.attribute(0, 'http.request.method')).toBe('GET');
      expect(scan.attribute(spans - 1, 'http.response.status_code')).toBe(200);
    }
  });

  it('bring whole traces, each spread over several, with every parent and no span twice', () => {
    const traces = new Map<string, { ids: Set<string>; parents: Set<string>; requests: Set<number> }>();
    requests(200, 100).forEach(({ scan }, request) => {
      const service = scan.resource(0).attribute('service.name');
      for (let i = 0; i < scan.count; i++) {
        expect(scan.resource(i).attribute('service.name')).toBe(service);
        const id = scan.traceId(i);
        const trace = traces.get(id) ?? { ids: new Set(), parents: new Set(), requests: new Set() };
        traces.set(id, trace);
        expect(trace.ids).not.toContain(scan.spanId(i));
        trace.ids.add(scan.spanId(i));
        if (scan.parentSpanId(i) !== '') trace.parents.add(scan.parentSpanId(i));
        trace.requests.add(request);
      }
    });
    const whole = [...traces.values()].filter(({ ids }) => ids.size === 12);
    // The last of each service's spans wait for a request's worth of them.
    expect(whole.length).toBeGreaterThan(1000);
    for (const { ids, parents, requests } of whole) {
      expect(parents.size).toBe(11);
      expect([...parents].filter((parent) => !ids.has(parent))).toEqual([]);
      expect(requests.size).toBeGreaterThanOrEqual(4);
    }
  });
});
