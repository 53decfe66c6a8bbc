import {
  ATTR_CLIENT_PORT,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
} from '@opentelemetry/semantic-conventions';
import type { AttributeValue } from '../../otlp/attribute-value.ts';
import type { SdkContent } from '../node.ts';

/** Reads the first of several attributes that is there: the stable name first, then what it was called before. */
export type Lookup = (key: string) => AttributeValue | undefined;

const METHOD = [ATTR_HTTP_REQUEST_METHOD, 'http.method'];
const STATUS = [ATTR_HTTP_RESPONSE_STATUS_CODE, 'http.status_code'];
const PATH = [ATTR_URL_PATH, 'http.target', ATTR_URL_FULL, 'http.url'];
const PEER_PORT = [ATTR_NETWORK_PEER_PORT, 'net.sock.peer.port', 'net.peer.port', ATTR_CLIENT_PORT];
const PEER_ADDRESS = [ATTR_NETWORK_PEER_ADDRESS, 'net.sock.peer.addr', 'net.peer.ip'];
const SYSTEM = [ATTR_DB_SYSTEM_NAME, 'db.system', 'messaging.system', 'rpc.system.name', 'rpc.system'];
const OPERATION = [ATTR_DB_OPERATION_NAME, 'db.operation', 'db.statement', 'db.query.text'];

/** What an SDK span says of the request it describes, whichever release of the semantic conventions it follows. */
export function readSdkContent(attribute: Lookup): SdkContent {
  const method = text(first(attribute, METHOD));
  const system = text(first(attribute, SYSTEM));
  return {
    method: method?.toUpperCase(),
    path: method === undefined ? undefined : pathOf(text(first(attribute, PATH))),
    status: integer(first(attribute, STATUS)),
    peerPort: integer(first(attribute, PEER_PORT)),
    hasPeer: first(attribute, PEER_ADDRESS) !== undefined,
    system,
    operation: system === undefined ? undefined : firstWord(text(first(attribute, OPERATION))),
  };
}

/** The path of a target or URL, without query. */
export function pathOf(target: string | undefined): string | undefined {
  if (target === undefined) return undefined;
  const path = /^[a-z][a-z0-9+.-]*:\/\//i.test(target) ? target.replace(/^[^:]+:\/\/[^/?#]*/, '') : target;
  const end = path.search(/[?#]/);
  return (end < 0 ? path : path.slice(0, end)) || '/';
}

function first(attribute: Lookup, keys: readonly string[]): AttributeValue | undefined {
  for (const key of keys) {
    const value = attribute(key);
    if (value !== undefined) return value;
  }
  return undefined;
}

function text(value: AttributeValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function integer(value: AttributeValue | undefined): number | undefined {
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : undefined;
}

function firstWord(value: string | undefined): string | undefined {
  return value?.trimStart().split(/\s/, 1)[0]?.toUpperCase();
}
