import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
/** The size of every label: `ord-` and six digits. */
export const LABEL_PATTERN = /ord-\d{6}/;
export function label(number) {
  return `ord-${String(number).padStart(6, '0')}`;
}
function millisToNano(seconds) {
  return BigInt(Math.round(Number(seconds) * 1e3)) * 1000000n;
}
function nginxServerRecord(line) {
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
function nginxClientRecord(line, server, callee) {
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
function readLines(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
/** All records of all programs: one `SERVICE.jsonl` file each in `directory`. */
export function readLedger(directory) {
  const records = [];
  for (const file of readdirSync(directory))
    if (file !== 'nginx.jsonl') records.push(...readLines(join(directory, file)));
  const answeredByWeb = new Map(
    records.filter((r) => r.service === 'web' && r.kind === 'server').map((r) => [r.label, r]),
  );
  for (const line of readLines(join(directory, 'nginx.jsonl'))) {
    const server = nginxServerRecord(line);
    records.push(server);
    const callee = answeredByWeb.get(server.label);
    if (callee) records.push(nginxClientRecord(line, server, callee));
  }
  return records;
}
