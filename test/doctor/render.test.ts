import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/doctor/report.ts';
import { renderReport } from '../../src/doctor/text/render.ts';
import { columns } from '../../src/terminal/columns.ts';
import { coloured, plain } from '../../src/terminal/paint.ts';

const REPORT: Report = {
  version: 1,
  recording: null,
  from: '2026-11-25T03:00:00.000Z',
  seconds: 60,
  healthy: false,
  services: [{ service: 'stock', processes: 1, runtimes: ['python'], requests: 12, sdk_spans: 0 }],
  edges: [
    {
      client: 'stock',
      server: 'price',
      protocol: 'http',
      calls: 12,
      context: { traceparent: 2, b3: 1 },
      no_context: 9,
      context_unknown: 0,
      context_impossible: 0,
      not_sampled: 1,
    },
  ],
  findings: [
    {
      code: 'context_dropped',
      severity: 'problem',
      service: 'stock',
      peer: 'price',
      peer_role: 'callee',
      seen: 'stock knew the trace of the request and called price without a context: 9 of 12 calls.',
      action: 'Copy traceparent from the request to the calls made for it.',
      counts: { calls: 12, dropped: 9, unlinked: 0 },
      examples: [{ trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) }],
    },
  ],
};

describe('the report in words', () => {
  it('says who there is, who calls whom with what context, and what is wrong', () => {
    expect(renderReport(REPORT, { paint: plain, width: 60 })).toBe(`\
Watched for 60 s, from 2026-11-25T03:00:00.000Z

SERVICE  RUNTIME  PROCESSES  REQUESTS  SDK SPANS
stock    python           1        12          0

FROM   TO     PROTOCOL  CALLS  CONTEXT
stock  price  http         12  traceparent 2, b3 1, none 9 (not sampled 1)  <- context_dropped

1 problem:

PROBLEM context_dropped  stock -> price
  stock knew the trace of the request and called price
  without a context: 9 of 12 calls.
  To do: Copy traceparent from the request to the calls made
         for it.
  e.g. span ${'b'.repeat(16)} of trace ${'a'.repeat(32)}
`);
  });

  it('keeps sentences within the width, and steers no terminal with names from outside', () => {
    const finding = { ...REPORT.findings[0]!, service: 'a\x1b[2Jb', seen: `${'word '.repeat(40)}\x07` };
    const text = renderReport(
      { ...REPORT, services: [], edges: [], findings: [finding] },
      { paint: plain, width: 50 },
    );
    for (const steering of ['\x07', '\x1b']) expect(text).not.toContain(steering);
    const sentences = text.split('\n').filter((line) => line.includes('word'));
    for (const line of sentences) expect(columns(line)).toBeLessThanOrEqual(50);
  });

  it('has colours only where they are asked for', () => {
    expect(renderReport(REPORT, { paint: coloured, width: 80 })).toContain('\x1b[31;1mPROBLEM\x1b[0m');
  });

  it('says that nothing is wrong where nothing is', () => {
    const text = renderReport({ ...REPORT, healthy: true, findings: [] }, { paint: plain, width: 80 });
    expect(text.trimEnd().split('\n').at(-1)).toBe('No problem was found.');
  });
});
