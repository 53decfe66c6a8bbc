import { rule, type Section } from '../rule.ts';

const RESOLVE = 'correlate/resolve.ts';
const EMIT = 'correlate/emit.ts';

export const sampling: Section = {
  title: 'Sampling, trace state and unmatched exchanges',
  rules: [
    rule(
      'sampled out',
      'A trace that the wire says is not sampled gets no zero-code span, unless an SDK span or a sampled flag shows otherwise.',
      [RESOLVE, 'if (this.#sampledOut) return true;', '', 'correlate/wire-context'],
      [RESOLVE, 'if (context.sampled) return false;', '', 'correlate/wire-context'],
      [RESOLVE, 'this.#spans.length === 0 && nobodySampled', 'nobodySampled', 'correlate/sampling'],
      [RESOLVE, 'return flags > 0;', 'return true;', 'correlate/peer'],
    ),
    rule(
      'under what is not shown',
      'What hangs under an exchange that is not shown hangs under that one’s parent.',
      [RESOLVE, 'for (const node of topDown) this.#skipDropped(node);', '', 'correlate/hold'],
      [
        RESOLVE,
        'return node.frozen?.silent === true && node.sdk === undefined;',
        'return false;',
        'correlate/wire-context',
      ],
    ),
    rule(
      'unmatched',
      '`drop` shows no exchange of an instrumented process that nothing explains; `keep` shows it.',
      [RESOLVE, "this.#options.unmatched === 'drop' &&", 'false &&', 'correlate/hold'],
      [RESOLVE, "this.#options.unmatched === 'drop' &&", 'true &&', 'correlate/hold'],
      [
        RESOLVE,
        "typeof node.context === 'string' &&\n      this.#options.instrumented",
        'this.#options.instrumented',
        'correlate/hold',
      ],
      [RESOLVE, '&&\n      this.#options.instrumented(node.exchange.process)', '', 'correlate/hold'],
    ),
    rule('trace state', '`tracestate` goes on with the span.', [
      EMIT,
      "typeof node.context === 'string' ? '' : node.context.traceState",
      "''",
      'correlate/wire-context',
    ]),
    rule(
      'sampled flag of headers',
      'Every format’s own way to say that a trace is not sampled is read.',
      [
        'correlate/propagation/w3c.ts',
        '(Number.parseInt(flags!, 16) & 1) === 1',
        'true',
        'correlate/propagation/formats',
      ],
      [
        'correlate/propagation/jaeger.ts',
        '(Number.parseInt(flags, 16) & 1) === 1',
        'true',
        'correlate/propagation/formats',
      ],
      [
        'correlate/propagation/b3.ts',
        "state !== '0' && state !== 'false'",
        'true',
        'correlate/propagation/formats',
      ],
      ['correlate/propagation/skywalking.ts', "fields[0] === '1'", 'true', 'correlate/propagation/formats'],
    ),
  ],
};
