import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderTrees } from '../../../src/exporter/debug/tree/render.ts';
import { ASCII, type Style, styleFor, UNICODE } from '../../../src/exporter/debug/tree/style.ts';
import { toJson } from '../../../src/otlp/to-json.ts';
import { columns } from '../../../src/terminal/columns.ts';
import { coloured, plain } from '../../../src/terminal/paint.ts';
import { type SampleSpan, SHOP_ORDER, TRACE_ID, traceBatch } from '../../support/trace-batch.ts';

const FILE: Style = { glyphs: UNICODE, paint: plain, width: Number.POSITIVE_INFINITY };

function tree(spans: readonly SampleSpan[], style: Style = FILE): string {
  return renderTrees(JSON.parse(toJson('traces', traceBatch(spans).encode())), style);
}

/** The lines below the header. */
function body(spans: readonly SampleSpan[], style?: Style): string[] {
  return tree(spans, style).trimEnd().split('\n').slice(1);
}

describe('debug tree', () => {
  it('prints an order of the shop as one tree', () => {
    expect(tree(SHOP_ORDER)).toBe(
      `
trace 4bf92f3577b34da6a3ce929d0e0e4736  10 spans · 4 services · 23.4 ms · 2026-11-23T15:00:00.000Z
○ nginx  POST /order                         SERVER  23.4 ms  zero-code
└─○ nginx  POST                              CLIENT  22.9 ms  zero-code  via slice
  └─● web  POST /order                       SERVER  21.6 ms  sdk        via peer
    └─● web  POST                            CLIENT  18.3 ms  sdk        via sdk
      └─○ stock  POST                        SERVER  17.1 ms  zero-code  via wire_context
        ├─○ stock  SELECT stock  postgresql  CLIENT  2.12 ms  zero-code  via thread
        ├─○ stock  GET  redis                CLIENT   385 µs  zero-code  via thread
        └─○ stock  GET                       CLIENT  11.8 ms  zero-code  via thread
          └─● price  GET /price              SERVER  10.2 ms  sdk        via peer
            └─○ price  GET  redis            CLIENT   291 µs  zero-code  via sdk_span

`.slice(1),
    );
  });

  it('draws bars of time where a terminal has room', () => {
    expect(body(SHOP_ORDER, { ...FILE, width: 120 })).toEqual(
      `
○ nginx  POST /order                         SERVER  23.4 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  zero-code
└─○ nginx  POST                              CLIENT  22.9 ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━   zero-code  via slice
  └─● web  POST /order                       SERVER  21.6 ms   ━━━━━━━━━━━━━━━━━━━━━━━━━━━   sdk        via peer
    └─● web  POST                            CLIENT  18.3 ms     ━━━━━━━━━━━━━━━━━━━━━━━     sdk        via sdk
      └─○ stock  POST                        SERVER  17.1 ms      ━━━━━━━━━━━━━━━━━━━━━      zero-code  via wire_context
        ├─○ stock  SELECT stock  postgresql  CLIENT  2.12 ms       ━━━                       zero-code  via thread
        ├─○ stock  GET  redis                CLIENT   385 µs          ╺                      zero-code  via thread
        └─○ stock  GET                       CLIENT  11.8 ms           ━━━━━━━━━━━━━━━       zero-code  via thread
          └─● price  GET /price              SERVER  10.2 ms             ━━━━━━━━━━━━━       sdk        via peer
            └─○ price  GET  redis            CLIENT   291 µs                   ╺             zero-code  via sdk_span
`
        .trim()
        .split('\n'),
    );
  });

  it('can be read on a terminal with neither colours nor more than ASCII', () => {
    expect(body(SHOP_ORDER, { glyphs: ASCII, paint: plain, width: 80 }).slice(4, 7)).toEqual([
      '      `-o stock  POST               SERVER  17.1 ms  zero-code  via wire_context',
      '        |-o stock  SELECT stock ..  CLIENT  2.12 ms  zero-code  via thread',
      '        |-o stock  GET  redis       CLIENT   385 µs  zero-code  via thread',
    ]);
  });

  it('shows spans whose parent left earlier as fragments, with the parent that they continue', () => {
    const late: SampleSpan[] = [
      { service: 'web', name: 'flush', id: 'c', parent: 'ff', sdk: true, start: 5, duration: 2 },
      {
        service: 'web',
        name: 'PUBLISH',
        kind: 'producer',
        id: 'd',
        parent: 'c',
        evidence: 'thread',
        start: 6,
      },
      { service: 'nginx', name: 'GET', kind: 'client', id: 'b', parent: 'fe', evidence: 'slice', start: 1 },
    ];
    expect(body(late)).toEqual([
      '… continued: parent 00000000000000fe',
      '└─○ nginx  GET      CLIENT    1.00 ms  zero-code  via slice',
      '… continued: parent 00000000000000ff',
      '└─● web  flush      INTERNAL  2.00 ms  sdk',
      '  └─○ web  PUBLISH  PRODUCER  1.00 ms  zero-code  via thread',
    ]);
  });

  it('says what is ambiguous and what went wrong', () => {
    expect(
      body([
        { service: 'web', name: 'GET /', kind: 'server', id: '1', sdk: true },
        {
          service: 'web',
          name: 'GET',
          kind: 'client',
          id: '2',
          parent: '1',
          evidence: 'thread',
          ambiguous: true,
          error: 'upstream gone',
          attributes: { 'http.response.status_code': 502 },
        },
      ]),
    ).toEqual([
      '● web  GET /  SERVER  1.00 ms  sdk',
      '└─○ web  GET  CLIENT  1.00 ms  zero-code  via thread, ambiguous  ERROR 502 upstream gone',
    ]);
  });

  it('sorts siblings and roots by their start, and keeps traces apart', () => {
    const other = 'a'.repeat(32);
    const lines = tree([
      { service: 's', name: 'second root', id: '9', start: 9 },
      { service: 's', name: 'late child', id: '3', parent: '1', start: 5 },
      { service: 's', name: 'early child', id: '2', parent: '1', start: 2 },
      { service: 's', name: 'first root', id: '1', start: 0 },
      { service: 's', name: 'elsewhere', id: '1', trace: other },
    ]).split('\n');
    expect(
      lines.map((line) => /(first|second|early|late|elsewhere|trace \w+)/.exec(line)?.[0] ?? ''),
    ).toEqual([
      `trace ${TRACE_ID}`,
      'first',
      'early',
      'late',
      'second',
      '',
      `trace ${other}`,
      'elsewhere',
      '',
      '',
    ]);
  });

  it('lets no text from outside steer the terminal', () => {
    const text = tree([{ service: 'a\x1b]0;owned\x07', name: 'line\nbreak\u202etfel\x9b2J', id: '1' }]);
    expect(text).toContain('a\\u001b]0;owned\\u0007');
    expect(text).toContain('line break\\u202etfel\\u009b2J');
  });

  it('prints every span exactly once, whatever the parents are, and never wider than a wide enough terminal', () => {
    const ids = ['1', '2', '3', '4', '5', '6'];
    const span = fc.record({
      service: fc.constantFrom('a', 'b', '服务'),
      id: fc.constantFrom(...ids),
      parent: fc.option(fc.constantFrom(...ids, 'ff'), { nil: undefined }),
      start: fc.nat(20),
      duration: fc.integer({ min: -2, max: 30 }),
      sdk: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 12 }), fc.constantFrom(90, 120, 200), (spans, width) => {
        const named = spans.map(({ parent, ...rest }, i) => ({
          ...rest,
          name: `<${i}>`,
          ...(parent !== undefined && { parent }),
        }));
        const text = tree(named, { ...FILE, width });
        for (const { name } of named) expect(text.split(name)).toHaveLength(2);
        for (const line of text.split('\n')) expect(columns(line)).toBeLessThanOrEqual(width);
      }),
      { numRuns: 200 },
    );
  });

  it('survives a trace deeper than the call stack', () => {
    const spans = Array.from({ length: 20_000 }, (_, i) => ({
      service: 's',
      name: `<${i}>`,
      id: (i + 1).toString(16),
      ...(i > 0 && { parent: i.toString(16) }),
      start: i,
    }));
    expect(body(spans)).toHaveLength(20_000);
  });
});

describe('styleFor', () => {
  const terminal = { isTTY: true, columns: 100, hasColors: () => true };

  it('colours and bounds the width on a terminal only', () => {
    expect(styleFor(terminal, { LANG: 'C.UTF-8' })).toEqual({ glyphs: UNICODE, paint: coloured, width: 100 });
    expect(styleFor({}, {})).toEqual(FILE);
    expect(styleFor({ ...terminal, hasColors: () => false }, {}).paint).toBe(plain);
  });

  it.each([{ TERM: 'dumb' }, { LANG: 'C' }, { LC_ALL: 'POSIX', LANG: 'en_US.UTF-8' }])(
    'draws with ASCII when the terminal says that it knows no more: %o',
    (env) => {
      expect(styleFor(terminal, env).glyphs).toBe(ASCII);
    },
  );
});
