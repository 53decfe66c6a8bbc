/**
 * Names that semantic conventions 1.44 do not call stable yet, copied here as `@opentelemetry/semantic-conventions`
 * advises: its `/incubating` entry may change in any minor version.
 */
export const ATTR_HTTP_REQUEST_BODY_SIZE = 'http.request.body.size';
export const ATTR_HTTP_RESPONSE_BODY_SIZE = 'http.response.body.size';
export const DB_SYSTEM_NAME_VALUE_REDIS = 'redis';
