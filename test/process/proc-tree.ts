import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Builds } from '../../src/receiver/ebpf/process/build.ts';
import type { Host } from '../../src/receiver/ebpf/process/host.ts';
import type { ReadOptions } from '../../src/receiver/ebpf/process/read-facts.ts';

export const NETNS = 4026531840;

/** A made-up process; what is left out is as of an ordinary native program. */
export interface MadeProcess {
  readonly pid: number;
  readonly parentPid?: number;
  readonly comm?: string;
  readonly state?: string;
  readonly flags?: number;
  /** Clock ticks of 10 ms since boot. */
  readonly startTicks?: number;
  readonly namespacePids?: readonly number[];
  readonly uid?: number;
  /** Target of the `exe` link; null for none, as of a kernel thread. */
  readonly exe?: string | null;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cgroup?: string;
  readonly mountinfo?: string;
  readonly maps?: readonly string[];
  readonly netns?: number;
  /** Inodes of the sockets that it holds. */
  readonly sockets?: readonly number[];
  /** Listening sockets of its network namespace: inode and port. */
  readonly listening?: readonly (readonly [inode: number, port: number])[];
  readonly listening6?: readonly (readonly [inode: number, port: number])[];
}

/** A made-up /proc in a temporary folder. */
export class ProcTree {
  readonly root = mkdtempSync(join(tmpdir(), 'spanloom-proc-'));

  constructor() {
    mkdirSync(join(this.root, 'sys/kernel/random'), { recursive: true });
    writeFileSync(join(this.root, 'sys/kernel/random/boot_id'), '0f4b5f9e-0000-4000-8000-000000000001\n');
  }

  put(made: MadeProcess): void {
    this.remove(made.pid);
    const folder = join(this.root, String(made.pid));
    for (const name of ['fd', 'ns', 'net']) mkdirSync(join(folder, name), { recursive: true });
    const args = made.args ?? ['/usr/bin/server'];
    const environment = Object.entries(made.environment ?? {}).map(([key, value]) => `${key}=${value}\0`);
    const uid = made.uid ?? 0;
    const files = {
      stat: statLine(made),
      status: `Name:\tx\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nNSpid:\t${(made.namespacePids ?? [made.pid]).join('\t')}\n`,
      cmdline: args.map((arg) => `${arg}\0`).join(''),
      environ: environment.join(''),
      cgroup: made.cgroup ?? '0::/system.slice/server.service\n',
      mountinfo: made.mountinfo ?? '',
      maps: (made.maps ?? [])
        .map((path) => `7f0000000000-7f0000001000 r-xp 00000000 08:01 99   ${path}\n`)
        .join(''),
      'net/tcp': table(made.listening ?? []),
      'net/tcp6': table(made.listening6 ?? []),
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    if (made.exe !== null) symlinkSync(made.exe ?? '/usr/bin/server', join(folder, 'exe'));
    symlinkSync(`net:[${made.netns ?? NETNS}]`, join(folder, 'ns/net'));
    symlinkSync('pid:[4026531836]', join(folder, 'ns/pid'));
    symlinkSync('/dev/null', join(folder, 'fd/0'));
    (made.sockets ?? []).forEach((inode, i) => {
      symlinkSync(`socket:[${inode}]`, join(folder, `fd/${i + 3}`));
    });
  }

  write(pid: number, name: string, content: string | Uint8Array): void {
    const path = join(this.root, String(pid), name);
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, content);
  }

  remove(pid: number): void {
    rmSync(join(this.root, String(pid)), { recursive: true, force: true });
  }

  removeFile(pid: number, name: string): void {
    rmSync(join(this.root, String(pid), name), { recursive: true, force: true });
  }

  options(host: Partial<Host> = {}): ReadOptions {
    return {
      procRoot: this.root,
      host: {
        name: 'made-host',
        id: '3d1219c7c4c5404aaa1f6d2a48adfda4',
        arch: 'amd64',
        bootId: '0f4b5f9e-0000-4000-8000-000000000001',
        users: new Map([
          [0, 'root'],
          [33, 'www-data'],
        ]),
        ...host,
      },
      builds: new Builds(),
      distroVersion: '1.2.3',
      malformedAttributes: { value: 0 },
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export function statLine(made: MadeProcess): string {
  const { pid, comm = 'server', state = 'S', parentPid = 1, flags = 0x400000, startTicks = 5000 } = made;
  const between = '0 0 0 0 0 0 0 0 20 0 1 0';
  return `${pid} (${comm}) ${state} ${parentPid} ${pid} ${pid} 0 -1 ${flags} ${between} ${startTicks} 3133440 388 0\n`;
}

/** As /proc/net/tcp prints it: the listening sockets, then an established one. */
function table(listening: readonly (readonly [inode: number, port: number])[]): string {
  const line = (i: number, port: number, state: string, inode: number) =>
    `   ${i}: 0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0\n`;
  return [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n',
    ...listening.map(([inode, port], i) => line(i, port, '0A', inode)),
    line(listening.length, 40000, '01', 777777),
  ].join('');
}
