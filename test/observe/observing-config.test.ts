import { describe, expect, it } from 'vitest';
import { observingConfig } from '../../src/observe/observing-config.ts';

const NONE = { replay: undefined, record: undefined };

function from(yaml: string, more: { replay?: string; record?: string } = {}) {
  return observingConfig({ ...NONE, ...more, sources: { locations: [`yaml:${yaml}`] } });
}

const CONFIG = `
receivers:
  ebpf: { instrument: [{ open_ports: "80" }], record: kept.rec }
  otlp/apps: { protocols: { grpc: { endpoint: "127.0.0.1:1" } } }
  other:
processors: { batch: , correlate/main: { decision_wait: 3s } }
exporters: { otlp: { endpoint: "jaeger:4317" } }
service:
  pipelines:
    traces: { receivers: [ebpf, otlp/apps, other], processors: [correlate/main, batch], exporters: [otlp] }
`;

describe('the configuration of an observed merge', () => {
  it('takes in and merges as the one it stands for does, and sends nothing anywhere', () => {
    expect(from(CONFIG)).toEqual({
      receivers: {
        ebpf: { instrument: [{ open_ports: '80' }] },
        'otlp/apps': { protocols: { grpc: { endpoint: '127.0.0.1:1' } } },
      },
      processors: { correlate: { decision_wait: '3s' } },
      exporters: { nop: null },
      service: {
        telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
        pipelines: {
          traces: { receivers: ['ebpf', 'otlp/apps'], processors: ['correlate'], exporters: ['nop'] },
          metrics: { receivers: ['otlp/apps'], exporters: ['nop'] },
          logs: { receivers: ['otlp/apps'], exporters: ['nop'] },
        },
      },
    });
  });

  it('records to the file it is told, never to the one that is in use', () => {
    expect(from(CONFIG, { record: 'mine.rec' })).toMatchObject({
      receivers: { ebpf: { record: 'mine.rec' } },
    });
  });

  it('replays with the merge as configured', () => {
    expect(from(CONFIG, { replay: 'a.rec' })).toMatchObject({
      receivers: { ebpf: { replay: 'a.rec' } },
      processors: { correlate: { decision_wait: '3s' } },
      service: { pipelines: { traces: { receivers: ['ebpf'] } } },
    });
  });

  it('without any watches every listening process and takes OTLP on its usual ports', () => {
    const set = ['receivers.otlp.protocols.grpc.endpoint=127.0.0.1:5'];
    expect(observingConfig({ ...NONE, sources: { locations: [], set } })).toMatchObject({
      receivers: { ebpf: {}, otlp: { protocols: { grpc: { endpoint: '127.0.0.1:5' }, http: null } } },
      processors: { correlate: null },
    });
  });

  it('refuses one without an ebpf receiver in a traces pipeline', () => {
    expect(() =>
      from('{ receivers: { otlp: }, service: { pipelines: { traces: { receivers: [otlp] } } } }'),
    ).toThrow(expect.objectContaining({ code: 'SPANLOOM_OBSERVE_RECEIVERS' }));
  });
});
