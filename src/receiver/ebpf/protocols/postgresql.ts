import { PostgresParser } from './postgresql/parser.ts';
import { recognisePostgres } from './postgresql/recognise.ts';
import { describePostgres } from './postgresql/span.ts';
import type { Protocol } from './protocol.ts';

/**
 * The PostgreSQL frontend/backend protocol, version 3. A Query is an exchange up to ReadyForQuery, an Execute up to
 * the completion of its command.
 *
 * An exchange of the extended protocol stands where its Execute begins, not at Bind: a Bind full of parameters
 * pushes what follows it into the gap of one end's capture and not of the other's, and both ends have to name the
 * exchange alike.
 */
export const postgresql = {
  name: 'postgresql',
  recognise: recognisePostgres,
  createParser(sink, { joined }) {
    return new PostgresParser(sink, joined);
  },
  describe: describePostgres,
} satisfies Protocol;
