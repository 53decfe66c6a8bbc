/**
 * Whether Spanloom holds on to anything: hours of mixed load in minutes, in cycles that begin and end with nothing going on.
 * Usage: soak.ts [--minutes 20]. Ends with 1 and says why when something grew or does not add up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { makeWorkDir, removeWorkDir } from '../examples/shop/run/work-dir.ts';
import { Child } from './common/child.ts';
import { machineFacts } from './common/machine.ts';
import { number, writePage } from './common/page.ts';
import { residentBytes } from './common/process-stat.ts';
import type { Held, Request } from './soak/agent.ts';
import { Load } from './soak/cycle.ts';
import { idleTable, type Moment, plot, sumsTable } from './soak/report.ts';
import { sums } from './soak/sums.ts';
import { complaints, mib } from './soak/verdict.ts';
import { type Windows, World } from './soak/world.ts';

const MINUTE = 60_000;
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '20' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error(`--minutes is '${values.minutes}': expected a number of minutes`);

/** A run that is long enough for the defaults of `correlate` has them, and is written down. */
const long = minutes >= 10;
const windows: Windows = long
  ? { decisionWaitMs: 10_000, lateWindowMs: 60_000 }
  : { decisionWaitMs: 2000, lateWindowMs: 3000 };
/** Until what is held has left and been forgotten; SDKs whose exporter found nobody listening come late. */
const SETTLE_MS = windows.decisionWaitMs + windows.lateWindowMs + 8000;
const CYCLES = long ? Math.max(4, Math.round(minutes / 4)) : 4;
const LOAD_MS = (minutes * MINUTE) / CYCLES - SETTLE_MS;
const SAMPLES_A_CYCLE = 16;

const machine = machineFacts();
const workDir = makeWorkDir();
const rss: number[] = [];
const moments: Moment[] = [];
try {
  const world = await World.start(workDir);
  const agent = new Child<Request, Held>(new URL('./soak/agent.ts', import.meta.url), [
    JSON.stringify(world.config(windows)),
  ]);
  try {
    await agent.ask({ do: 'start' });
    const load = new Load(world, async () => void (await agent.ask({ do: 'reload' })));
    const began = Date.now();
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const first = rss.length;
      const sampled = sampleMemory(agent.pid, LOAD_MS / SAMPLES_A_CYCLE);
      await load.cycle(LOAD_MS);
      sampled.stop();
      await sleep(SETTLE_MS);
      const held = await agent.ask({ do: 'measure' });
      moments.push({
        minutes: (Date.now() - began) / MINUTE,
        held,
        peakRss: Math.max(...rss.slice(first)),
        done: { ...load.connections.done },
        posted: { ...load.spans.posted },
      });
      console.log(
        `cycle ${cycle + 1} of ${CYCLES}: ${load.connections.done.orders} orders, RSS ${mib(held.rss)} MiB, heap ${mib(held.heap)} MiB`,
      );
    }
    const end = await agent.ask({ do: 'stop' });
    const { spans, logs } = load.spans.posted;
    const added = sums(end, { spans, logs, forked: load.connections.done.forked }, world.sink);
    const found = complaints(
      moments.map(({ held }) => held),
      added,
    );
    report(load, sumsTable(added), found);
  } finally {
    agent.stop();
    await world.stop();
  }
} finally {
  removeWorkDir(workDir);
}

function sampleMemory(pid: number, intervalMs: number): { stop(): void } {
  const timer = setInterval(() => rss.push(residentBytes(pid)), intervalMs);
  return { stop: () => clearInterval(timer) };
}

function report(load: Load, sumsText: string, found: readonly string[]): void {
  const { orders, failedOrders } = load.connections.done;
  const page = [
    '# Soak: does anything grow',
    `\`npm run soak -- --minutes ${minutes}\`, ${machine}`,
    `${CYCLES} cycles. In each the load goes from nothing to everything and back: up to 12 customers of the shop, up to 300 kept-alive connections to nginx, ` +
      'requests to a server that forks for each of them, SDK spans with every tenth request sent twice, log records that follow them. Meanwhile three of the ' +
      'shop’s services and the forking server are restarted, and Spanloom reads its configuration again. Then everything is quiet until what was ' +
      `held has left and been forgotten (\`decision_wait\` ${windows.decisionWaitMs / 1000} s, \`late_window\` ${windows.lateWindowMs / 1000} s), and it is measured after a garbage collection.`,
    idleTable(moments),
    `Resident memory under load, ${SAMPLES_A_CYCLE} samples a cycle, ${mib(Math.max(...rss))} MiB at most:`,
    `\`\`\`\n${plot(rss)}\n\`\`\``,
    '## What was seen, and what became of it',
    `Counted at the end, after Spanloom was shut down. ${number(orders)} orders were answered; ${number(failedOrders)} were not, while a service was restarted.`,
    sumsText,
    '## Verdict',
    found.length === 0
      ? 'Nothing grew between the second and the last idle moment, and every sum is right.'
      : found.map((complaint) => `- ${complaint}`).join('\n'),
  ];
  console.log(page.slice(3).join('\n\n'));
  if (long) console.log(`\nWritten to ${writePage('soak', page)}`);
  for (const complaint of found) console.error(`soak: ${complaint}`);
  if (found.length > 0) process.exitCode = 1;
}
