import { int32At } from '../byte-reader.ts';
import { BACKEND, chain, FRONTEND, Frontend, isProtocol3, StartupCode } from './messages.ts';

type Answer = 'yes' | 'no' | 'more';

/** Whether a connection begins with a start-up message; eight bytes decide. */
export function isStartup(data: Uint8Array): Answer {
  // Start-up messages are shorter than 10 000 bytes.
  if (data[0] !== 0 || (data.length > 1 && data[1] !== 0)) return 'no';
  if (data.length < 8) return 'more';
  const length = int32At(data, 0);
  const code = int32At(data, 4);
  if (code === StartupCode.Ssl || code === StartupCode.GssEncryption) return length === 8 ? 'yes' : 'no';
  if (code === StartupCode.Cancel) return length >= 16 && length <= 272 ? 'yes' : 'no';
  return isProtocol3(code) && length > 8 && length <= 10_000 ? 'yes' : 'no';
}

/** Types that begin a call of a running client; the others only follow them, or prove nothing. */
const FIRST: ReadonlySet<number> = new Set([
  Frontend.Query,
  Frontend.Parse,
  Frontend.Bind,
  Frontend.Close,
  Frontend.Describe,
  Frontend.Execute,
  Frontend.Sync,
]);

/** Whether a call on a running connection begins with messages of one direction. */
function isRunning(shapes: typeof FRONTEND, data: Uint8Array): Answer {
  const { result } = chain(shapes, data, 0);
  if (result === 'more') return 'more';
  return result === 'exact' || (result === 'overrun' && data.length > 16) ? 'yes' : 'no';
}

export function recognisePostgres(
  data: Uint8Array,
  from: 'requester' | 'responder' | 'unknown',
  joined: boolean,
): 'requester' | 'responder' | 'no' | 'more' {
  if (from !== 'responder') {
    const startup = isStartup(data);
    if (startup === 'yes') return 'requester';
    if (startup === 'more') return 'more';
  }
  if (!joined) return 'no';
  const asked = from === 'responder' ? 'no' : isRunning(FRONTEND, data);
  const answered = from === 'requester' ? 'no' : isRunning(BACKEND, data);
  // CommandComplete and Close, DataRow and Describe … have the same letters: where both fit, the next call decides.
  if (asked === 'yes') return answered === 'yes' || !FIRST.has(data[0]!) ? 'no' : 'requester';
  if (answered === 'yes') return 'responder';
  return asked === 'more' || answered === 'more' ? 'more' : 'no';
}
