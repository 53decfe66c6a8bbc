import {
  ATTR_DB_COLLECTION_NAME,
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_SUMMARY,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  DB_SYSTEM_NAME_VALUE_POSTGRESQL,
} from '@opentelemetry/semantic-conventions';
import type { Exchange, Side } from '../../exchange.ts';
import type { RequestFacts, SpanSink } from '../protocol.ts';
import { describeServer, serverName, serverOf } from '../server-address.ts';
import type { PostgresRequest } from './facts.ts';

/** PostgreSQL spans, semantic conventions 1.44. */
export function describePostgres(exchange: Exchange, side: Side, span: SpanSink): void {
  const request = isPostgresRequest(exchange.request) ? exchange.request : undefined;
  const query = request?.query;
  span.string(ATTR_DB_SYSTEM_NAME, DB_SYSTEM_NAME_VALUE_POSTGRESQL);
  if (request?.database !== undefined) span.string(ATTR_DB_NAMESPACE, request.database);
  if (query) {
    if (query.text !== '') span.string(ATTR_DB_QUERY_TEXT, query.text);
    if (query.summary !== undefined) span.string(ATTR_DB_QUERY_SUMMARY, query.summary);
    if (query.single && query.operation !== undefined) span.string(ATTR_DB_OPERATION_NAME, query.operation);
    if (query.collection !== undefined) span.string(ATTR_DB_COLLECTION_NAME, query.collection);
  }
  const server = serverName(serverOf(exchange, side)) || DB_SYSTEM_NAME_VALUE_POSTGRESQL;
  span.name(query?.summary ?? request?.database ?? server);
  describeServer(exchange, side, span);
  describeOutcome(exchange, span);
}

function describeOutcome({ response, incomplete }: Exchange, span: SpanSink): void {
  if (response?.failed) {
    if (response.status !== undefined) span.string(ATTR_DB_RESPONSE_STATUS_CODE, String(response.status));
    span.string(ATTR_ERROR_TYPE, response.status === undefined ? '_OTHER' : String(response.status));
    span.error();
  } else if (!response && (incomplete === 'connection_closed' || incomplete === 'process_exit')) {
    span.string(ATTR_ERROR_TYPE, '_OTHER');
    span.error();
  }
}

function isPostgresRequest(facts: RequestFacts | undefined): facts is PostgresRequest {
  return facts !== undefined && 'protocol' in facts && facts.protocol === 'postgresql';
}
