/** OTLP in, OTLP out, beside the upstream Collector: `bench/run.sh otlp [--quick] [--only=TEXT] [--alone]`. */
import { existsSync } from 'node:fs';
import { makeWorkDir, removeWorkDir } from '../examples/shop/run/work-dir.ts';
import { machineFacts } from './common/machine.ts';
import { writePage } from './common/page.ts';
import { raisePriority } from './common/priority.ts';
import { spanloomFlags } from './common/spanloom-flags.ts';
import { shuffled } from './common/statistics.ts';
import { type Case, cases, HOLD_SECONDS, IN_FLIGHT } from './otlp/cases.ts';
import { type CollectorProgram, SPANLOOM, UPSTREAM } from './otlp/collectors.ts';
import { buildLoad } from './otlp/load-program.ts';
import { type Measurement, measure } from './otlp/measure.ts';
import { caseText, type Result, resultTable, verdicts } from './otlp/report.ts';

const quick = process.argv.includes('--quick');
/** Spanloom without the upstream Collector, for profiling: NODE_FLAGS are Spanloom's too. */
const alone = process.argv.includes('--alone');
const only = process.argv.find((arg) => arg.startsWith('--only='))?.slice('--only='.length);
const chosen = cases(quick).filter(
  (one) => only === undefined || `${one.work} ${caseText(one)}`.includes(only),
);
if (!alone && !existsSync(UPSTREAM.command))
  throw new Error(`${UPSTREAM.command} is missing: build it with scripts/peers.sh (needs Go)`);

const machine = machineFacts();
raisePriority();
const loadProgram = buildLoad();
const workDir = makeWorkDir();
const measured = new Map(
  chosen.map((one) => [one, { spanloom: [] as Measurement[], upstream: [] as Measurement[] }]),
);
try {
  for (let round = 0; round < Math.max(...chosen.map((one) => one.rounds)); round++)
    for (const one of shuffled(chosen))
      if (round < one.rounds)
        for (const collector of shuffled(alone ? [SPANLOOM] : [SPANLOOM, UPSTREAM]))
          await run(one, collector);
} finally {
  removeWorkDir(workDir);
}

async function run(one: Case, collector: CollectorProgram): Promise<void> {
  const done = await measure(collector, one, loadProgram, workDir);
  measured.get(one)![collector.name].push(done);
  console.log(
    `${one.work}, ${caseText(one)}, ${collector.name}: ${Math.round(done.delivered / done.seconds)} spans/s, ` +
      `${Math.round(done.delivered / done.cpuSeconds)} per CPU-second, ${Math.round(done.residentMedian / 2 ** 20)} MiB` +
      (done.refusal === '' ? '' : `, refused: ${done.refusal}`),
  );
}

if (alone) process.exit();

const results: Result[] = [...measured].map(([one, both]) => ({ case: one, ...both }));
const of = (work: Case['work']) => resultTable(results.filter((result) => result.case.work === work));
const page = [
  '# OTLP in, OTLP out, beside the upstream Collector',
  `\`npm run bench:otlp\`, ${machine}`,
  'Both programs get the same requests from one generator and send them on to one sink (both in Go, `bench/otlp/load`), on the same CPUs: ' +
    'spans of about 400 bytes with ten attributes, without compression. A trace has twelve spans in four services; each of eight services sends its own, so a trace is spread over ' +
    `several requests. Saturated: ${IN_FLIGHT} requests are unacknowledged at any time. Each measurement is a fresh process; rounds are interleaved in random order. ` +
    'CPU time is user and system time of the whole process. Spanloom runs as its command line does, with the flags of its first line: ' +
    `${spanloomFlags()
      .map((flag) => `\`${flag}\``)
      .join(', ')}. ` +
    ' Median [quartiles]; the ratio is the median of the rounds’. Missing: spans sent that never arrived, in all rounds.',
  '## Passed through',
  of('pass'),
  `## Held for ${HOLD_SECONDS} s`,
  'Spanloom with `correlate`; the upstream Collector with `tail_sampling` (keeps all) and `batch`, the nearest thing it has. ' +
    'At 10,000 spans/s, gRPC and 100 a request everything is measured after 75 s, when as much is forgotten as comes: `correlate` remembers for a minute what has left.',
  of('hold'),
  '## Aims',
  verdicts(results),
];
if (quick || only !== undefined) console.log(`\n${page.slice(3).join('\n\n')}`);
else console.log(`${page.slice(3).join('\n\n')}\n\nWritten to ${writePage('otlp', page)}`);
