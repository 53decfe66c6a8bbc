/** Spanloom as installed, in a process that tells what it holds. Started with its configuration as JSON in its arguments. */
import { readdirSync, readlinkSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { builtinFactories, Collector } from 'spanloom';
import type { ConfigMap } from '../../src/collector/config/merge.ts';
import { loadNative } from '../../src/receiver/ebpf/capture/native.ts';

export type Request = { readonly do: 'start' | 'reload' | 'measure' | 'stop' };

/** What the process holds, after everything unreachable has been collected. Memory in bytes. */
export interface Held {
  readonly heap: number;
  /** Buffers outside of the heap. */
  readonly external: number;
  readonly rss: number;
  /** Open descriptors by what they are. */
  readonly descriptors: Readonly<Record<string, number>>;
  /** Entries of each BPF hash map. */
  readonly mapEntries: Readonly<Record<string, number>>;
  /** Every number counted, by name and attributes. */
  readonly counters: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const collector = new Collector({
  config: { object: JSON.parse(process.argv[2]!) as ConfigMap },
  factories: builtinFactories,
  logger: pino({ level: 'warn' }, pino.destination(2)),
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

process.on('message', (request: Request) => {
  handle(request).then(
    (answer) => process.send!(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

// Whoever started it is gone.
process.once('disconnect', () => process.exit(1));

async function handle(request: Request): Promise<Held> {
  switch (request.do) {
    case 'start':
      await collector.start();
      break;
    case 'reload':
      await collector.reload();
      break;
    case 'stop':
      await collector.shutdown();
      break;
    case 'measure':
      break;
  }
  return held();
}

function held(): Held {
  // The second run frees what finalizers of the first one let go.
  collectGarbage();
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  const descriptors: Record<string, number> = {};
  const mapEntries: Record<string, number> = {};
  for (const [fd, kind] of ownDescriptors()) {
    descriptors[kind] = (descriptors[kind] ?? 0) + 1;
    if (kind !== 'anon_inode:bpf-map') continue;
    const { name, entries } = loadNative().mapEntries(fd);
    if (entries !== undefined) mapEntries[name] = (mapEntries[name] ?? 0) + entries;
  }
  return {
    heap: heapUsed,
    external,
    rss,
    descriptors,
    mapEntries,
    counters: [...collector.counters.entries()],
  };
}

function* ownDescriptors(): Generator<readonly [fd: number, kind: string]> {
  for (const fd of readdirSync('/proc/self/fd')) {
    let target: string;
    try {
      target = readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      continue; // The one that was open for reading the folder.
    }
    yield [Number(fd), target.startsWith('/') ? 'file' : target.replace(/:?\[.*$/, '')];
  }
}
