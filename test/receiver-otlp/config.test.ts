import { describe, expect, it } from 'vitest';
import { otlpReceiverConfig } from '../../src/receiver/otlp/config.ts';

const messages = (config: unknown) =>
  otlpReceiverConfig.safeParse(config).error?.issues.map(({ path, message }) => [path.join('::'), message]);

describe('the configuration of the OTLP receiver', () => {
  it("has the Collector's defaults", () => {
    expect(otlpReceiverConfig.parse({ protocols: { grpc: null, http: {} } })).toMatchObject({
      protocols: {
        grpc: {
          endpoint: { host: 'localhost', port: 4317 },
          max_recv_msg_size_mib: 0,
          max_concurrent_streams: 0,
        },
        http: {
          endpoint: { host: 'localhost', port: 4318 },
          max_request_body_size: 20_971_520,
          traces_url_path: '/v1/traces',
          metrics_url_path: '/v1/metrics',
          logs_url_path: '/v1/logs',
          keep_alives_enabled: true,
        },
      },
    });
  });

  it('has neither encryption, keepalive nor CORS unless asked', () => {
    const { protocols } = otlpReceiverConfig.parse({ protocols: { grpc: null, http: null } });
    expect([
      protocols?.grpc?.tls,
      protocols?.grpc?.keepalive,
      protocols?.http?.tls,
      protocols?.http?.cors,
    ]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('serves only the protocols that are named', () => {
    expect(otlpReceiverConfig.parse({ protocols: { http: null } }).protocols?.grpc).toBeUndefined();
    expect(otlpReceiverConfig.parse({ protocols: { grpc: {} } }).protocols?.http).toBeUndefined();
  });

  it.each([[{}], [{ protocols: null }], [{ protocols: {} }]])(
    "refuses %j in the Collector's words",
    (config) => {
      expect(messages(config)).toEqual([
        ['', 'must specify at least one protocol when using the OTLP receiver'],
      ]);
    },
  );

  it('names the place of what it does not know', () => {
    expect(messages({ protocols: { grpc: { endpoint: 'localhost' } } })).toEqual([
      ['protocols::grpc::endpoint', 'address localhost: missing port in address'],
    ]);
    expect(messages({ protocols: { grpc: { auth: { authenticator: 'x' } } } })?.[0]?.[0]).toBe(
      'protocols::grpc',
    );
    expect(messages({ protocols: { http: { tls: { cert_file: 'a' } } } })).toEqual([
      ['protocols::http::tls', 'a server needs key_file or key_pem'],
    ]);
  });

  it('refuses response headers that no response can carry', () => {
    expect(messages({ protocols: { http: { response_headers: { 'X-A': 'a\nb' } } } })).toEqual([
      ['protocols::http::response_headers::X-A', 'Invalid character in header content ["X-A"]'],
    ]);
  });

  it('reads keepalive with defaults for what is not said', () => {
    const keepalive = { server_parameters: { max_connection_age: '30s' }, enforcement_policy: null };
    expect(
      otlpReceiverConfig.parse({ protocols: { grpc: { keepalive } } }).protocols?.grpc?.keepalive,
    ).toEqual({
      server_parameters: {
        max_connection_idle: 0,
        max_connection_age: 30e9,
        max_connection_age_grace: 0,
        time: 7200e9,
        timeout: 20e9,
      },
      enforcement_policy: { min_time: 300e9, permit_without_stream: false },
    });
  });
});
