import { parseRpcStatus } from '../client/rpc-status.ts';

/** A proxy's error page is not the place to read on. */
const MAX_TEXT = 500;

/** The sentence in the body of a refusal, whatever form it has. */
export function statusMessage(contentType: string | string[] | undefined, body: Uint8Array): string {
  const type = String(contentType ?? '');
  if (type.includes('protobuf')) return parseRpcStatus(body)?.message ?? '';
  const page = Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8').trim();
  if (type.includes('json')) {
    const status: unknown = parseJson(page);
    if (status && typeof status === 'object' && 'message' in status) return String(status.message);
  }
  return page.length > MAX_TEXT ? `${page.slice(0, MAX_TEXT)}…` : page;
}

function parseJson(page: string): unknown {
  try {
    return JSON.parse(page);
  } catch {
    return undefined;
  }
}
