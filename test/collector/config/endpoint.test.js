import { describe, expect, it } from 'vitest';
import { parseEndpoint } from '../../../src/collector/config/endpoint.js';

describe('parseEndpoint', () => {
  it.each([
    ['localhost:4317', 'localhost', 4317],
    [':4317', '', 4317],
    ['0.0.0.0:0', '0.0.0.0', 0],
    ['[::1]:4318', '::1', 4318],
    ['[::]:65535', '::', 65535],
  ])('takes %s apart', (text, host, port) => {
    expect(parseEndpoint(text)).toEqual({ host, port });
  });
  it.each([
    ['localhost', 'address localhost: missing port in address'],
    ['', 'address : missing port in address'],
    ['[::1]', 'address [::1]: missing port in address'],
    ['::1:4317', 'address ::1:4317: too many colons in address'],
    ['http://localhost:4317', 'too many colons in address'],
    ['localhost:http', 'invalid port "http"'],
    ['localhost:65536', 'invalid port "65536"'],
    ['localhost:', 'invalid port ""'],
  ])('rejects %j', (text, message) => {
    expect(() => parseEndpoint(text)).toThrow(message);
  });
});
