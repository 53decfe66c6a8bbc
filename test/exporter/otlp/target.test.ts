import { describe, expect, it } from 'vitest';
import { otlpGrpcConfig } from '../../../src/exporter/otlp/config.ts';
import { parseTarget } from '../../../src/exporter/otlp/target.ts';

describe('parseTarget', () => {
  it.each([
    ['backend:4317', 'backend', undefined],
    ['http://backend:4317', 'backend', false],
    ['https://backend:4317', 'backend', true],
    ['https://backend:4317/', 'backend', true],
    ['dns:///backend:4317', 'backend', undefined],
    ['dns://8.8.8.8/backend:4317', 'backend', undefined],
    ['[::1]:4317', '::1', undefined],
    [':4317', 'localhost', undefined],
  ])('reads %s', (endpoint, host, encrypted) => {
    const target = parseTarget(endpoint);
    expect(target.address).toEqual({ host, port: 4317 });
    expect(target.encrypted).toBe(encrypted);
  });

  it('reads the path of a Unix socket', () => {
    expect(parseTarget('unix:///run/otlp.sock').address).toEqual({ path: '/run/otlp.sock' });
  });

  it.each(['backend', 'http://backend', 'backend:http', 'backend:70000', 'https://backend:4317/v1/traces'])(
    'refuses %s',
    (endpoint) => {
      expect(() => parseTarget(endpoint)).toThrow(SyntaxError);
    },
  );
});

describe('otlp_grpc configuration', () => {
  it("has the Collector's defaults", () => {
    expect(otlpGrpcConfig.parse({ endpoint: 'a:1' })).toMatchObject({
      compression: 'gzip',
      timeout: 5e9,
      headers: {},
      tls: { insecure: false, insecure_skip_verify: false },
      wait_for_ready: false,
    });
  });

  it.each([{}, { endpoint: '' }])('wants an endpoint: %o', (config) => {
    expect(() => otlpGrpcConfig.parse(config)).toThrow('requires a non-empty \\"endpoint\\"');
  });

  it('refuses contradictions in tls', () => {
    const parse = (tls: object) => otlpGrpcConfig.parse({ endpoint: 'a:1', tls });
    expect(() => parse({ ca_file: 'a', ca_pem: 'b' })).toThrow('either ca_file or ca_pem');
    expect(() => parse({ cert_file: 'a' })).toThrow('both certificate and key');
  });
});
