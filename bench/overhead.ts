/** What being watched costs nginx, and what watching costs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { makeWorkDir, removeWorkDir } from '../examples/shop/run/work-dir.ts';
import { Child } from './common/child.ts';
import { machineFacts } from './common/machine.ts';
import { type HelloWorld, startHelloWorld } from './common/nginx.ts';
import { writePage } from './common/page.ts';
import { raisePriority } from './common/priority.ts';
import { inRepository } from './common/repository.ts';
import { shuffled } from './common/statistics.ts';
import { type LoadResult, runWrk } from './common/wrk.ts';
import { evidenceSection, measureEvidence } from './overhead/evidence.ts';
import type { Phase } from './overhead/kernel-cost.ts';
import type { Request as KernelRequest } from './overhead/kernel-process.ts';
import { kernelTable, type Measured, throughputTable, verdicts } from './overhead/report.ts';
import { type Agent, runSegment, type Segment } from './overhead/segment.ts';
import { BASELINE, VARIANTS } from './overhead/variants.ts';

const NGINX_CPU = 0;
const WRK_CPU = 1;
const CONNECTIONS = 32;
/** Closed loop, one request at a time: no request waits for another. */
const FEW_CONNECTIONS = 1;
const ROUNDS = Number(process.argv[2] ?? 10);
const SECONDS = 3;
const WARM_UP_ROUNDS = 1;
const KERNEL_ROUNDS = 5;
const KERNEL_SECONDS = 1;

const KERNEL_LOADS = [
  { name: 'requests of wrk (40 bytes)', script: undefined },
  {
    name: 'requests with ten headers (`bench/replay/requests.lua`)',
    script: inRepository('bench/replay/requests.lua'),
  },
];

const machine = machineFacts();
raisePriority();
const workDir = makeWorkDir();
try {
  const nginx = await startHelloWorld(workDir, NGINX_CPU);
  try {
    const measured = await rounds(nginx, CONNECTIONS);
    const relaxed = await rounds(nginx, FEW_CONNECTIONS);
    const kernel = await kernelCost(nginx);
    const evidence = await measureEvidence(ROUNDS);
    const page = [
      '# Overhead: nginx under load, watched',
      `\`npm run bench:overhead\`, ${machine}`,
      `nginx answers every request with \`return 200\`: one worker on CPU ${NGINX_CPU}, keep-alive. wrk on CPU ${WRK_CPU} asks with ` +
        `${CONNECTIONS} connections as fast as it is answered; Spanloom runs wherever the scheduler puts it, so on two CPUs all three compete. ` +
        `${ROUNDS} rounds of ${SECONDS} s a variant, in random order within a round. Ratios are to the same round without Spanloom. ` +
        'Median [quartiles]. The full pipeline is `ebpf` → `correlate` → OTLP bytes, which nobody takes.',
      throughputTable(measured),
      'Missing are two messages a request by nginx’s own count, less those seen and lost. Lost records of other kinds (connections, processes) are in the count of lost ones too, so that it can be below zero where the ring ran full.',
      '## One request at a time',
      'The same with one connection: what is added to a request that meets no queue.',
      throughputTable(relaxed),
      '## Kernel side',
      'Run time of the BPF programs by the kernel’s own statistics, net of an empty program at the same place in the same run. ' +
        `Only nginx is captured. Median of ${KERNEL_ROUNDS} rounds.`,
      ...kernel.flatMap(({ name, phases }) => [`### ${name}`, kernelTable(phases)]),
      ...evidenceSection(evidence, ROUNDS),
      '## Aims',
      verdicts(measured, kernel),
    ];
    const file = writePage('overhead', page);
    console.log(`${page.slice(3).join('\n\n')}\n\nWritten to ${file}`);
  } finally {
    await nginx.stop();
  }
} finally {
  removeWorkDir(workDir);
}

function load(nginx: HelloWorld, connections: number, seconds: number, script?: string): Promise<LoadResult> {
  const options = { url: nginx.url, seconds, connections, cpu: WRK_CPU, workDir };
  return runWrk(script === undefined ? options : { ...options, script });
}

/** Every variant in each round, in random order. */
async function rounds(nginx: HelloWorld, connections: number): Promise<Measured> {
  const agents = new Map<string, Agent>();
  const measured: Measured = new Map(VARIANTS.map(({ name }) => [name, [] as Segment[]]));
  for (const variant of VARIANTS)
    if (variant !== BASELINE)
      agents.set(variant.name, new Child(new URL('overhead/agent.js', import.meta.url)));
  try {
    for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++)
      for (const variant of shuffled(VARIANTS)) {
        const segment = await runSegment(nginx, variant, agents.get(variant.name), () =>
          load(nginx, connections, SECONDS),
        );
        if (round >= WARM_UP_ROUNDS) measured.get(variant.name)!.push(segment);
      }
  } finally {
    for (const agent of agents.values()) agent.stop();
  }
  return measured;
}

async function kernelCost(nginx: HelloWorld) {
  const child = new Child<KernelRequest, Phase>(new URL('overhead/kernel-process.js', import.meta.url));
  try {
    await child.answer();
    const phase = async (selected: boolean, script: string | undefined): Promise<Phase> => {
      const [select, unselect] = selected ? [nginx.worker, undefined] : [undefined, nginx.worker];
      await child.ask({ do: 'begin', select, unselect });
      await load(nginx, CONNECTIONS, KERNEL_SECONDS, script);
      return child.ask({ do: 'end' });
    };
    const results = [];
    for (const { name, script } of KERNEL_LOADS) {
      const phases: { idle: Phase; capturing: Phase }[] = [];
      for (let round = 0; round < KERNEL_ROUNDS; round++)
        phases.push({ idle: await phase(false, script), capturing: await phase(true, script) });
      results.push({ name, phases });
    }
    return results;
  } finally {
    child.stop();
    await sleep(0);
  }
}
