/** Whether the cost of a span depends on how many requests are open: the correlator alone, from 100 to 100 000. */
import { writeFileSync } from 'node:fs';
import { Child } from './common/child.ts';
import { machineFacts } from './common/machine.ts';
import { number, table, writePage } from './common/page.ts';
import { raisePriority } from './common/priority.ts';
import { inRepository } from './common/repository.ts';
import { shuffled, spread } from './common/statistics.ts';
import type { Measured } from './scale/measure-process.ts';
import { plot } from './scale/plot.ts';
import { SHAPES, type Shape } from './scale/shapes.ts';

const SIZES = [100, 316, 1000, 3162, 10_000, 31_623, 100_000];
const ROUNDS = Number(process.argv[2] ?? 3);
/** The dearest size may cost this much more than the cheapest: caches of processors are not endless. */
const FLAT = 2;

const machine = machineFacts();
raisePriority();
const shapes = Object.keys(SHAPES) as Shape[];
const cells = shapes.flatMap((shape) => SIZES.map((size) => ({ shape, size, rounds: [] as Measured[] })));
for (let round = 0; round < ROUNDS; round++)
  for (const cell of shuffled(cells)) {
    const child = new Child<object, Measured>(new URL('scale/measure-process.js', import.meta.url), [
      cell.shape,
      String(cell.size),
    ]);
    cell.rounds.push(await child.answer());
    child.stop();
  }

const of = (shape: Shape, size: number, value: (measured: Measured) => number) =>
  spread(cells.find((cell) => cell.shape === shape && cell.size === size)!.rounds.map(value)).median;
const micros = (shape: Shape, size: number) => of(shape, size, ({ nanosASpan }) => nanosASpan / 1000);
const rows = (value: (shape: Shape, size: number) => number, digits: number) =>
  SIZES.map((size) => [number(size), ...shapes.map((shape) => number(value(shape, size), digits))]);
const growth = shapes.map((shape) => {
  const costs = SIZES.map((size) => micros(shape, size));
  return { shape, times: Math.max(...costs) / Math.min(...costs) };
});
const worst = growth.reduce((a, b) => (a.times > b.times ? a : b));

writeFileSync(
  inRepository('docs/benchmarks', 'scale.svg'),
  plot(
    'CPU time a span, µs',
    'open requests',
    shapes.map((shape) => ({
      name: shape,
      points: SIZES.map((size) => [size, micros(shape, size)] as const),
    })),
  ),
);
const file = writePage('scale', [
  '# Scale: what a span costs while many requests are open',
  `\`npm run bench:scale\`, ${machine}`,
  'The `correlate` processor alone, all evidence on, fed with what the capture would hand it. So many requests are open at all times; ' +
    'one after the other makes a call, is answered, and makes room for the next. Traces are held for 2 s and remembered for 2 s, ' +
    `which are as many whatever is open. Each cell runs in a process of its own; median of ${ROUNDS} rounds in random order.`,
  shapes.map((shape) => `- \`${shape}\`: ${SHAPES[shape]}`).join('\n'),
  '![CPU time a span over open requests](scale.svg)',
  '## CPU time a span, µs',
  table(['open requests', ...shapes], rows(micros, 1)),
  `${worst.times <= FLAT ? 'Met' : '**Not met**'}: the dearest size costs ${number(worst.times, 1)} times the cheapest at most ` +
    `(\`${worst.shape}\`; aim: ${FLAT}).`,
  '## Heap for each open request, bytes',
  table(
    ['open requests', ...shapes],
    rows((shape, size) => of(shape, size, ({ bytesARequest }) => bytesARequest), 0),
  ),
  '`max_spans` bounds how many requests and spans are held or remembered in all.',
]);
console.log(`${table(['open requests', ...shapes], rows(micros, 1))}\n\nWritten to ${file}`);
