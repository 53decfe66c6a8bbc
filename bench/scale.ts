/** Whether the cost of a span depends on how many requests are open: from kernel records to OTLP, from 100 to 100 000. */
import { writeFileSync } from 'node:fs';
import { Child } from './common/child.ts';
import { machineFacts } from './common/machine.ts';
import { number, table, writePage } from './common/page.ts';
import { raisePriority } from './common/priority.ts';
import { inRepository } from './common/repository.ts';
import { spanloomFlags } from './common/spanloom-flags.ts';
import { shuffled, spread } from './common/statistics.ts';
import type { Measured } from './scale/measure-process.ts';
import { plot } from './scale/plot.ts';
import { SHAPES, type Shape } from './scale/shapes.ts';

const SIZES = [100, 1000, 10_000, 100_000];
const ROUNDS = Number(process.argv[2] ?? 3);
/** 100 000 open may cost this much more a span than 100. */
const FLAT = 1.25;
/** For the second table: fewer than are open. */
const MAX_SPANS = 10_000;
const BOUNDED: Shape = 'loop';
const UNBOUNDED = 500_000;

interface Cell {
  readonly shape: Shape;
  readonly size: number;
  readonly maxSpans: number;
  readonly rounds: Measured[];
}

/** What one look into a table costs, by its entries, nanoseconds. */
const looks = [SIZES[0]!, SIZES.at(-1)!].map((entries) => ({ entries, nanos: [] as number[] }));

const machine = machineFacts();
raisePriority();
const shapes = Object.keys(SHAPES) as Shape[];
const cells: Cell[] = [
  ...shapes.flatMap((shape) => SIZES.map((size) => ({ shape, size, maxSpans: UNBOUNDED, rounds: [] }))),
  ...SIZES.map((size) => ({ shape: BOUNDED, size, maxSpans: MAX_SPANS, rounds: [] })),
];
for (let round = 0; round < ROUNDS; round++) {
  for (const { shape, size, maxSpans, rounds } of shuffled(cells))
    rounds.push(await run<Measured>('measure-process', shape, size, maxSpans));
  for (const { entries, nanos } of looks)
    nanos.push((await run<{ nanos: number }>('look-up-process', entries)).nanos);
}

/** What a script answers, in a process that Node runs as it runs Spanloom. */
async function run<Answer>(name: string, ...args: readonly (string | number)[]): Promise<Answer> {
  const script = new URL(`scale/${name}.js`, import.meta.url);
  const child = new Child<object, Answer>(script, args.map(String), spanloomFlags());
  const answer = await child.answer();
  child.stop();
  return answer;
}

type Value = (measured: Measured) => number;
const micros: Value = ({ nanosASpan }) => nanosASpan / 1000;
const work: Value = ({ workASpan }) => workASpan / 1000;
const mebibytes: Value = ({ heapBytes }) => heapBytes / 2 ** 20;

function of(shape: Shape, size: number, value: Value, maxSpans = UNBOUNDED): number {
  const found = cells.find(
    (cell) => cell.shape === shape && cell.size === size && cell.maxSpans === maxSpans,
  );
  return spread(found!.rounds.map(value)).median;
}

function tableOf(value: Value, digits: number): string {
  const rows = SIZES.map((size) => [
    number(size),
    ...shapes.map((shape) => number(of(shape, size, value), digits)),
  ]);
  return table(['open requests', ...shapes], rows);
}

const [fewest, most] = [SIZES[0]!, SIZES.at(-1)!];
const growth = (shape: Shape, value: Value) => of(shape, most, value) / of(shape, fewest, value);
const growthRow = (name: string, value: Value) => [
  name,
  ...shapes.map((shape) => number(growth(shape, value), 2)),
];
const [lookAtFewest, lookAtMost] = looks.map(({ nanos }) => spread(nanos).median);
const met = shapes.every((shape) => growth(shape, micros) <= FLAT);
const bytesARequest = (shape: Shape) =>
  (of(shape, most, ({ heapBytes }) => heapBytes) - of(shape, fewest, ({ heapBytes }) => heapBytes)) /
  (most - fewest);

writeFileSync(
  inRepository('docs/benchmarks', 'scale.svg'),
  plot(
    'CPU time a span, µs',
    'open requests',
    shapes.map((shape) => ({
      name: shape,
      points: SIZES.map((size) => [size, of(shape, size, micros)] as const),
    })),
  ),
);
const page = [
  '# Scale: what a span costs while many requests are open',
  `\`npm run bench:scale\`, ${machine}`,
  'From the decoded records of the kernel side to OTLP bytes: the tracker of the `ebpf` receiver and the `correlate` processor, all ' +
    'evidence on. So many requests are open at all times; one after the other makes a call, is answered, and makes room for ' +
    'the next; every tenth goes on with new connections. Traces are held for 2 s and remembered for 2 s, which are as many ' +
    `whatever is open. Each cell runs in a process of its own; median of ${ROUNDS} round${ROUNDS === 1 ? '' : 's'} in random order.`,
  shapes.map((shape) => `- \`${shape}\`: ${SHAPES[shape]}`).join('\n'),
  '![CPU time a span over open requests](scale.svg)',
  '## CPU time a span, µs',
  'Of the whole process, garbage collection included.',
  tableOf(micros, 1),
  'Of that, what the main thread did while it did not stand still to collect garbage; where it waits for memory counts here.',
  tableOf(work, 1),
  `${number(most)} open requests against ${number(fewest)}:`,
  table(['times the cost', ...shapes], [growthRow('in all', micros), growthRow('without collection', work)]),
  `${met ? 'Met' : '**Not met**'}: at most ${FLAT} times in all.`,
  `Nothing here goes through what is open but a look for idle connections once a minute; what grows is the time that memory takes. On this machine one look into a table of ${number(most)} ` +
    `objects takes ${number(lookAtMost! / lookAtFewest!, 1)} times as long as into one of ${number(fewest)} ` +
    `(${number(lookAtMost!)} against ${number(lookAtFewest!)} ns), as they are no longer in the processor’s cache.`,
  '## Heap, MiB',
  tableOf(mebibytes, 0),
  `An open request with its two connections takes ${shapes.map((shape) => `${number(bytesARequest(shape))} (\`${shape}\`)`).join(', ')} bytes, ` +
    'the sockets and tasks of the benchmark itself included.',
  '## More open than allowed',
  `\`${BOUNDED}\` with \`max_spans: ${number(MAX_SPANS).replaceAll(',', '')}\`: what is too much leaves early, as open, and is counted. ` +
    'Connections are followed as long as the host has them, and what is known of a thread is kept as long as it lives; neither counts as a span.',
  table(
    ['open requests', 'heap of the merge, MiB', 'heap in all, MiB', 'pushed out', 'CPU µs/span'],
    SIZES.map((size) => {
      const at = (value: Value, digits: number) => number(of(BOUNDED, size, value, MAX_SPANS), digits);
      return [
        number(size),
        at(({ mergeBytes }) => mergeBytes / 2 ** 20, 0),
        at(mebibytes, 0),
        at(({ pushedOut }) => pushedOut, 0),
        at(micros, 1),
      ];
    }),
  ),
];
const file = writePage('scale', page);
console.log(`${page.slice(5).join('\n\n')}\n\nWritten to ${file}`);
