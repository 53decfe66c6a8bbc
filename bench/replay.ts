/** How many messages and spans one core carries: a recorded capture, replayed in memory stage by stage. */
import { Child } from './common/child.ts';
import { machineFacts } from './common/machine.ts';
import { number, spreadText, table, writePage } from './common/page.ts';
import { raisePriority } from './common/priority.ts';
import { shuffled, spread } from './common/statistics.ts';
import { EXCHANGES, recording } from './replay/make-recording.ts';
import type { Round } from './replay/stage-process.ts';
import { STAGES, type StageName } from './replay/stages.ts';

const WARM_UP_ROUNDS = 4;
const ROUNDS = 15;
/** Full spans a second and core, from drain to OTLP bytes. */
const SPANS_AIM = 500_000;

const TITLES: Record<StageName, string> = {
  read: 'for comparison: every byte read once',
  decode: 'drain and decode',
  track: '+ connections, HTTP, exchanges',
  encode: '+ spans as OTLP bytes (no `correlate`)',
  correlate: '+ `correlate`: join, hold, release as OTLP bytes',
};

const names = Object.keys(STAGES) as StageName[];
const machine = machineFacts();
raisePriority();
const { origin } = await recording();
const processes = new Map<StageName, Child<object, Round>>();
const rounds = new Map<StageName, Round[]>(names.map((name) => [name, []]));
try {
  for (const name of names) {
    const child = new Child<object, Round>(new URL('replay/stage-process.js', import.meta.url), [name]);
    processes.set(name, child);
    await child.answer();
  }
  for (let i = 0; i < WARM_UP_ROUNDS + ROUNDS; i++)
    for (const name of shuffled(names)) {
      const round = await processes.get(name)!.ask({});
      if (i >= WARM_UP_ROUNDS) rounds.get(name)!.push(round);
    }
} finally {
  for (const child of processes.values()) child.stop();
}

const { messages, spans, bytes } = rounds.get('encode')![0]!;
const merged = rounds.get('correlate')![0]!;
const rows = names.map((name) => {
  const done = rounds.get(name)!;
  return [
    TITLES[name],
    spreadText(spread(done.map((round) => round.messages / round.cpuSeconds / 1e3))),
    number(spread(done.map((round) => (round.cpuSeconds * 1e9) / round.messages)).median),
    done[0]!.spans === 0 ? '' : spreadText(spread(done.map((round) => round.spans / round.cpuSeconds / 1e3))),
  ];
});
const reached = spread(rounds.get('encode')!.map((round) => round.spans / round.cpuSeconds)).median;
const verdict =
  `${reached >= SPANS_AIM ? 'Met' : '**Not met**'}: ${number(reached)} spans/s from drain to OTLP bytes ` +
  `(aim: ${number(SPANS_AIM)}).`;
const file = writePage('replay', [
  '# Replay: what one core carries',
  `\`npm run bench:replay\`, ${machine}`,
  `A capture of ${number(EXCHANGES)} HTTP exchanges, ${origin}, is replayed in memory: ${number(messages)} messages, which become ` +
    `${number(spans)} spans of ${number(bytes / spans)} bytes (with \`correlate\` ${number(merged.spans)} of ${number(merged.bytes / merged.spans)}). ` +
    `Stages are cumulative; the first line is a yardstick for the machine as it was just then. Each runs in a process of its own; ${ROUNDS} rounds after ${WARM_UP_ROUNDS} to warm up, in random order. ` +
    'Rates are per second of CPU time of the whole process, garbage collection and compiler threads included: median [quartiles].',
  table(['stage', 'thousand messages/s', 'ns a message', 'thousand spans/s'], rows),
  verdict,
]);
console.log(
  `${table(['stage', 'thousand messages/s', 'ns a message', 'thousand spans/s'], rows)}\n\nWritten to ${file}`,
);
