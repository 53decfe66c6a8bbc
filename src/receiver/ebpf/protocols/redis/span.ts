import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
} from '@opentelemetry/semantic-conventions';
import type { Exchange, Side } from '../../exchange.ts';
import type { RequestFacts, SpanSink } from '../protocol.ts';
import { DB_SYSTEM_NAME_VALUE_REDIS } from '../semconv-unstable.ts';
import { describeServer } from '../server-address.ts';
import type { RedisRequest } from './facts.ts';

/** Redis spans, semantic conventions 1.44; the index of the database is no part of the name. */
export function describeRedis(exchange: Exchange, side: Side, span: SpanSink): void {
  const request = isRedisRequest(exchange.request) ? exchange.request : undefined;
  span.name(request?.command ?? DB_SYSTEM_NAME_VALUE_REDIS);
  span.string(ATTR_DB_SYSTEM_NAME, DB_SYSTEM_NAME_VALUE_REDIS);
  if (request) {
    span.string(ATTR_DB_OPERATION_NAME, request.command);
    span.string(ATTR_DB_QUERY_TEXT, request.text);
    if (request.database !== undefined) span.string(ATTR_DB_NAMESPACE, request.database);
  }
  describeServer(exchange, side, span);
  const { response, incomplete } = exchange;
  if (response?.failed) {
    span.string(ATTR_DB_RESPONSE_STATUS_CODE, String(response.status));
    span.string(ATTR_ERROR_TYPE, String(response.status));
    span.error();
  } else if (!response && (incomplete === 'connection_closed' || incomplete === 'process_exit')) {
    span.string(ATTR_ERROR_TYPE, '_OTHER');
    span.error();
  }
}

function isRedisRequest(facts: RequestFacts | undefined): facts is RedisRequest {
  return facts !== undefined && 'protocol' in facts && facts.protocol === 'redis';
}
