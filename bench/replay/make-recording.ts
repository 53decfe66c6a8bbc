import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeWorkDir, removeWorkDir } from '../../examples/shop/run/work-dir.ts';
import { SpanloomError } from '../../src/error.ts';
import { EVENT_ABI_VERSION } from '../../src/receiver/ebpf/capture/layout.ts';
import { tracesCollector } from '../common/collector.ts';
import { startHelloWorld } from '../common/nginx.ts';
import { inRepository } from '../common/repository.ts';
import { runWrk } from '../common/wrk.ts';
import { writeSynthetic } from './synthetic.ts';

export const EXCHANGES = 50_000;
const SECONDS = 5;
const CONNECTIONS = 64;

const CACHE = inRepository('.cache/bench');
const REQUESTS = inRepository('bench/replay/requests.lua');

export interface RecordingFile {
  readonly file: string;
  readonly origin: string;
}

/** A recording of at least `EXCHANGES` exchanges: the one kept from an earlier run, else a new one. */
export async function recording(): Promise<RecordingFile> {
  mkdirSync(CACHE, { recursive: true });
  const live = {
    file: join(CACHE, `nginx-${EVENT_ABI_VERSION}.rec`),
    origin: `recorded from nginx under wrk (${CONNECTIONS} connections, requests of \`bench/replay/requests.lua\`)`,
  };
  if (existsSync(live.file)) return live;
  const partial = `${live.file}.partial`;
  try {
    await recordNginx(partial);
    renameSync(partial, live.file);
    return live;
  } catch (error) {
    if (!(error instanceof SpanloomError)) throw error;
    console.warn(`${error.message}\nA made-up recording is replayed instead.`);
    const file = join(CACHE, `synthetic-${EVENT_ABI_VERSION}.rec`);
    writeSynthetic(file, EXCHANGES);
    return { file, origin: 'made up after what nginx under wrk leaves, since nothing can be captured here' };
  }
}

async function recordNginx(file: string): Promise<void> {
  const workDir = makeWorkDir();
  try {
    const nginx = await startHelloWorld(workDir);
    const collector = tracesCollector(
      { instrument: [{ target_pids: [nginx.worker] }], record: file, ring_buffer_mib: 64 },
      {},
      { nop: null },
    );
    try {
      await collector.start();
      await sleep(200);
      const { requests } = await runWrk({
        url: nginx.url,
        seconds: SECONDS,
        connections: CONNECTIONS,
        script: REQUESTS,
        workDir,
      });
      if (requests < EXCHANGES)
        throw new Error(`nginx answered ${requests} requests in ${SECONDS} s, and ${EXCHANGES} are needed`);
    } finally {
      await collector.shutdown();
      await nginx.stop();
    }
  } finally {
    removeWorkDir(workDir);
  }
}
