import { http } from './http.ts';
import { postgresql } from './postgresql.ts';
import type { Protocol } from './protocol.ts';
import { redis } from './redis.ts';
import { recogniseUnread } from './unread.ts';

/** Every protocol that is read. The order decides where first bytes fit two of them. */
export const PROTOCOLS: readonly Protocol[] = [http, postgresql, redis];

/** What the first bytes seen on a connection are. */
export type Recognition =
  | { readonly kind: 'protocol'; readonly protocol: Protocol; readonly speaker: 'requester' | 'responder' }
  /** Recognised, and not read: counted by its reason. */
  | { readonly kind: 'ignored'; readonly reason: 'encrypted' | 'http2' }
  /** Undecided: ask again with these bytes and those that follow. */
  | { readonly kind: 'more' }
  | { readonly kind: 'none' };

const MORE: Recognition = { kind: 'more' };
const NONE: Recognition = { kind: 'none' };

/**
 * Which protocol the first bytes of a stream belong to.
 *
 * `data` begins where a call's bytes begin. `joined` tells that the connection is older than the capture: the bytes
 * may then be the middle of a message, and `none` means "try the next call".
 */
export function recognise(
  data: Uint8Array,
  from: 'requester' | 'responder' | 'unknown',
  joined: boolean,
): Recognition {
  if (data.length === 0) return MORE;
  let undecided = false;
  for (const protocol of PROTOCOLS) {
    const speaker = protocol.recognise(data, from, joined);
    if (speaker === 'more') undecided = true;
    else if (speaker !== 'no') return { kind: 'protocol', protocol, speaker };
  }
  const reason = recogniseUnread(data);
  if (reason === 'more') undecided = true;
  else if (reason !== 'no') return { kind: 'ignored', reason };
  return undecided ? MORE : NONE;
}
