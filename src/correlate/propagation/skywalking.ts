import { createHash } from 'node:crypto';
import type { ContextHeaders } from '../../receiver/ebpf/protocols/protocol.ts';
import type { WireContext } from '../context.ts';

const FIELDS = 8;

/**
 * `sw8: {sample}-{trace id}-{parent segment id}-{parent span index}-…`, strings in base64: Cross Process Propagation Headers
 * Protocol v3. SkyWalking's ids are free text, so that trace and span id are hashes of them (a trace id of 32 hex digits
 * stays itself).
 */
export function skywalking(headers: ContextHeaders): WireContext | undefined {
  const fields = headers.others?.sw8?.trim().split('-');
  if (fields?.length !== FIELDS || !/^[01]$/.test(fields[0]!) || !/^\d+$/.test(fields[3]!)) return undefined;
  const trace = Buffer.from(fields[1]!, 'base64').toString();
  const segment = Buffer.from(fields[2]!, 'base64').toString();
  if (trace === '' || segment === '') return undefined;
  return {
    traceId: /^[0-9a-f]{32}$/.test(trace) ? trace : digest(trace, 32),
    spanId: digest(`${segment}/${fields[3]}`, 16),
    sampled: fields[0] === '1',
    traceState: '',
  };
}

function digest(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
