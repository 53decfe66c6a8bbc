import type { RequestFacts, ResponseFacts } from '../protocol.ts';
import { analyseSql, type SqlFacts } from '../sql/sanitise.ts';

/** What a Query or Execute says. */
export interface PostgresRequest extends RequestFacts {
  readonly protocol: 'postgresql';
  /** Undefined where the statement was prepared before the capture began or its text was cut away. */
  readonly query: SqlFacts | undefined;
  /** The database, where the start of the connection was seen. */
  readonly database: string | undefined;
}

/** SQLSTATE; `00000` is success. */
export interface PostgresResponse extends ResponseFacts {
  readonly protocol: 'postgresql';
  readonly status: string | undefined;
}

export const SUCCEEDED: PostgresResponse = { protocol: 'postgresql', status: '00000', failed: false };

/** `sqlState` is undefined where the error was cut before it. */
export function failedWith(sqlState: string | undefined): PostgresResponse {
  return { protocol: 'postgresql', status: sqlState, failed: true };
}

/** Characters of a statement that are looked at. */
const LONGEST_TEXT = 4096;
const NO_IDS: PostgresRequest['requestIds'] = [];

export function requestFacts(query: SqlFacts | undefined, database: string | undefined): PostgresRequest {
  return {
    protocol: 'postgresql',
    operation: query?.operation?.toUpperCase(),
    target: undefined,
    context: undefined,
    requestIds: NO_IDS,
    query,
    database,
  };
}

export function analyse(text: string): SqlFacts {
  return analyseSql(text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text);
}
