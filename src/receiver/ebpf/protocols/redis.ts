import type { Protocol } from './protocol.ts';
import { RedisParser } from './redis/parser.ts';
import { recogniseRedis } from './redis/recognise.ts';
import { describeRedis } from './redis/span.ts';

/** The Redis serialization protocol, versions 2 and 3. Each command and its reply are an exchange. */
export const redis = {
  name: 'redis',
  recognise: recogniseRedis,
  createParser(sink, { joined }) {
    return new RedisParser(sink, joined);
  },
  describe: describeRedis,
} satisfies Protocol;
