import { execFileSync } from 'node:child_process';
import { inRepository } from '../../../common/repository.ts';
import type { LinkCase } from '../../case.ts';
import { ON_A_LOOP, versionOf } from '../common/proxy.ts';
import { NEEDS_PYTHON, pythonVersion } from '../common/python.ts';
import { CALLS, type Header, type Speech, startChain } from './chain.ts';

const NGINX = '/usr/sbin/nginx';
const BOTH: readonly Header[] = ['traceparent', 'b3'];

function mixedCase(
  name: string,
  shows: string,
  speech: Partial<Speech>,
  more: Partial<LinkCase> = {},
): LinkCase {
  return {
    name: `mixed-${name}`,
    shows,
    variants: [{ targets: 'differ' }],
    callsPerRequest: CALLS,
    needs: [NEEDS_PYTHON, { program: NGINX, from: 'Debian package nginx' }],
    versions: () =>
      [
        `Node ${process.versions.node}`,
        pythonVersion(),
        versionOf(NGINX, ['-v'], /nginx\/[\d.]+/),
        'OpenTelemetry as in test/e2e/sdks',
      ].join(', '),
    prepare: () => {
      for (const language of ['javascript', 'python'])
        execFileSync('bash', [inRepository('test/e2e/sdks/install.sh'), language], {
          stdio: ['ignore', 'inherit', 'inherit'],
        });
    },
    start: (place) => startChain(place, { forwarded: BOTH, exportDelayMs: 500, ...speech }),
    ...more,
  };
}

const CHAIN =
  'four services in a row, each calling the next: Node with the OpenTelemetry SDK, Python’s ThreadingHTTPServer without, ' +
  'Flask with the SDK, nginx without';

export const mixedCases: readonly LinkCase[] = [
  mixedCase(
    'forwarded',
    `Mixed: ${CHAIN}. Those without hand \`traceparent\` on.`,
    {},
    { fixtureCalls: 1200 },
  ),
  mixedCase(
    'dropped',
    'The same; those without an SDK hand nothing on, so that the second one starts traces of its own.',
    { forwarded: [] },
    { variants: ON_A_LOOP },
  ),
  mixedCase(
    'half',
    'The same; the first one without an SDK hands `traceparent` on with every second request, nginx always.',
    { forwardedShare: 0.5 },
  ),
  mixedCase(
    'late',
    'The same as `mixed-dropped`; SDKs export every 4 s and traces are held for 2 s: about half of the spans come after their trace has left.',
    { forwarded: [], exportDelayMs: 4000, decisionWait: '2s' },
    {
      variants: [
        {
          targets: 'differ',
          recallNotAsked:
            'which request makes a call is known to Node alone, and when its SDK tells, request and call have left in traces of their own',
        },
      ],
    },
  ),
  mixedCase(
    'sampled-out',
    'The same as `mixed-forwarded`; the SDKs keep half of the traces, by `parentbased_traceidratio`.',
    { sampled: 0.5 },
  ),
  mixedCase(
    'sampled-out-dropped',
    'The same as `mixed-dropped`; the SDKs keep half of the traces, each for itself.',
    { forwarded: [], sampled: 0.5 },
    {
      variants: [
        {
          targets: 'differ',
          recallNotAsked:
            'of a request that only the later SDK keeps the earlier one tells nothing, and which request makes a call is known to Node alone',
        },
      ],
    },
  ),
  mixedCase(
    'b3',
    'The same as `mixed-forwarded`; the first SDK speaks B3, the second only W3C, and those without hand both on.',
    { propagators: { front: 'b3' } },
  ),
  mixedCase(
    'b3-of-both',
    'The same; the first SDK writes B3 and W3C, and those without hand B3 on and not `traceparent`.',
    { propagators: { front: 'b3,tracecontext' }, forwarded: ['b3'] },
  ),
];
