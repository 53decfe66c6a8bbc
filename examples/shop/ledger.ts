import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one of the shop's programs says of one request it answered (`server`) or one call it made (`client`). */
export interface LedgerRecord {
  readonly service: string;
  readonly kind: 'server' | 'client';
  readonly system: 'http' | 'postgresql' | 'redis';
  /** `METHOD /path`, or the command. */
  readonly operation: string;
  /** The request of the customer that this belongs to. */
  readonly label: string;
  readonly pid: number;
  readonly thread?: number;
  /** Both ends of the connection as this program sees them. */
  readonly localPort: number;
  readonly remotePort: number;
  /** Counts the requests on one connection: a later one has a greater number. */
  readonly sequence: number;
  /** Unix time in nanoseconds by this program's clock, rounded as that program knows it. */
  readonly startUnixNano: string;
  readonly endUnixNano: string;
  /** Ids of the SDK's span, where there is one. */
  readonly traceId?: string;
  readonly spanId?: string;
}

/** One line of nginx's access log (`log_format ledger`): a request it answered and the call it made for it. */
interface NginxLine {
  readonly pid: number;
  readonly operation: string;
  readonly body: string;
  readonly localPort: number;
  readonly remotePort: number;
  readonly sequence: number;
  readonly end: string;
  readonly seconds: string;
  readonly status: number;
  readonly upstream: string;
}

/** The size of every label: `ord-` and six digits. */
export const LABEL_PATTERN = /ord-\d{6}/;

export function label(number: number): string {
  return `ord-${String(number).padStart(6, '0')}`;
}

function millisToNano(seconds: string): bigint {
  return BigInt(Math.round(Number(seconds) * 1e3)) * 1_000_000n;
}

function nginxServerRecord(line: NginxLine): LedgerRecord {
  const end = millisToNano(line.end);
  return {
    service: 'nginx',
    kind: 'server',
    system: 'http',
    operation: line.operation,
    label: LABEL_PATTERN.exec(line.body)?.[0] ?? '',
    pid: line.pid,
    localPort: line.localPort,
    remotePort: line.remotePort,
    sequence: line.sequence,
    startUnixNano: String(end - millisToNano(line.seconds)),
    endUnixNano: String(end),
  };
}

/**
 * nginx knows which upstream it called but not from which port of its own; the service it called knows that, and
 * which request on the connection it was.
 */
function nginxClientRecord(line: NginxLine, server: LedgerRecord, callee: LedgerRecord): LedgerRecord {
  if (line.upstream !== `127.0.0.1:${callee.localPort}`)
    throw new Error(`nginx called ${line.upstream} for ${server.label}, which ${callee.service} answered`);
  return {
    ...server,
    kind: 'client',
    localPort: callee.remotePort,
    remotePort: callee.localPort,
    sequence: callee.sequence,
  };
}

function readLines<T>(file: string): T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** All records of all programs: one `SERVICE.jsonl` file each in `directory`. */
export function readLedger(directory: string): LedgerRecord[] {
  const records: LedgerRecord[] = [];
  for (const file of readdirSync(directory))
    if (file !== 'nginx.jsonl') records.push(...readLines<LedgerRecord>(join(directory, file)));

  const answeredByWeb = new Map(
    records.filter((r) => r.service === 'web' && r.kind === 'server').map((r) => [r.label, r]),
  );
  for (const line of readLines<NginxLine>(join(directory, 'nginx.jsonl'))) {
    const server = nginxServerRecord(line);
    records.push(server);
    const callee = answeredByWeb.get(server.label);
    if (callee) records.push(nginxClientRecord(line, server, callee));
  }
  return records;
}
