import { isKnownCommand } from './commands.ts';
import { commandAt } from './find.ts';
import { Resp } from './resp-reader.ts';

/** `+OK`, `-ERR …`, `:1`, `$5`, `*2` and the RESP3 types, with the whole first line. */
const REPLY =
  /^(?:\+[\x20-\x7e]{1,64}|-[A-Z]+ [\x20-\x7e]*|:[+-]?\d{1,19}|[$*%~>|](?:-1|\d{1,9})|_|#[tf]|,[-+.\w]+|\([+-]?\d+|[!=]\d{1,9})\r\n/;
const LONGEST_FIRST_LINE = 128;

const REPLY_TYPES: ReadonlySet<number> = new Set(
  Object.values(Resp).filter((type) => type !== Resp.StringChunk && type !== Resp.StreamEnd),
);

export function recogniseRedis(
  data: Uint8Array,
  from: 'requester' | 'responder' | 'unknown',
  joined: boolean,
): 'requester' | 'responder' | 'no' | 'more' {
  if (from !== 'responder') {
    const { result, name } = commandAt(data, 0);
    // An array of strings is a reply as well: where the speaker is not known, the command's name has to be.
    if (result === 'yes' && (from === 'requester' || isKnownCommand(name!.toUpperCase()))) return 'requester';
    if (result === 'more') return 'more';
  }
  // A Redis server never speaks first.
  if (!joined || from === 'requester' || !REPLY_TYPES.has(data[0]!)) return 'no';
  const line = String.fromCharCode(...data.subarray(0, LONGEST_FIRST_LINE));
  if (REPLY.test(line)) return 'responder';
  return line.includes('\n') || data.length >= LONGEST_FIRST_LINE ? 'no' : 'more';
}
