import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/collector/config/load.ts';
import { ConfigError } from '../../../src/collector/config/problem.ts';
import { factories, failure, load, MINIMAL } from './config.helper.ts';

const pipeline = (body: string) =>
  `${MINIMAL.replace(/ {4}traces:[\s\S]*/, '')}    traces:\n${body.replace(/^/gm, '      ')}\n`;

describe('the texts people search for', () => {
  it.each<[string, string | string[], string]>([
    [
      'an unknown key',
      [MINIMAL, 'service: {telemetry: {unknown: 1}}'],
      "'service.telemetry' has invalid keys: unknown",
    ],
    ['an unknown section', [MINIMAL, 'recievers: {}'], "'' has invalid keys: recievers"],
    [
      'an unknown type',
      [MINIMAL, 'receivers: {nosuch/x: }'],
      'unknown type: "nosuch" for id: "nosuch/x" (valid values: [nop otlp])',
    ],
    [
      'the exporter that became debug',
      [MINIMAL, 'exporters: {logging: }'],
      'the logging exporter has been deprecated, use the debug exporter instead',
    ],
    [
      'an unknown connector',
      [MINIMAL, 'connectors: {forward: }'],
      'unknown type: "forward" for id: "forward" (valid values: [])',
    ],
    [
      'an unknown key of a component',
      [MINIMAL, 'receivers: {otlp: {protocols: {grpc: {endpont: x}}}}'],
      `error reading configuration for "otlp": 'protocols.grpc' has invalid keys: endpont`,
    ],
    [
      'a body of the wrong kind',
      [MINIMAL, 'receivers: {nop: text}'],
      `[nop]' expected type 'map[string]interface {}', got unconvertible type 'string'`,
    ],
    [
      'a section of the wrong kind',
      [MINIMAL, 'processors: [batch]'],
      `'processors' expected type 'map[string]interface {}', got unconvertible type '[]interface {}'`,
    ],
    [
      'a field of the wrong type',
      [MINIMAL, 'receivers: {otlp: {protocols: {grpc: {endpoint: 4317}}}}'],
      `'protocols.grpc.endpoint' expected type 'string', got unconvertible type 'int', value: '4317'`,
    ],
    [
      'a duration without unit',
      [MINIMAL, 'receivers: {otlp: {protocols: {grpc: }, timeout: "5"}}'],
      `'timeout' time: missing unit in duration "5"`,
    ],
    ['an empty file', '', 'empty configuration file'],
    ['no receiver', 'exporters: {nop: }', 'no receiver configuration specified in config'],
    ['no exporter', 'receivers: {nop: }', 'no exporter configuration specified in config'],
    ['no pipeline', 'receivers: {nop: }\nexporters: {nop: }', 'service must have at least one pipeline'],
    [
      'an unknown processor in a pipeline',
      [MINIMAL, 'service: {pipelines: {traces: {processors: [x]}}}'],
      'service::pipelines::traces: references processor "x" which is not configured',
    ],
    [
      'an unknown receiver in a pipeline',
      pipeline('receivers: [x]\nexporters: [nop]'),
      'service::pipelines::traces: references receiver "x" which is not configured',
    ],
    [
      'an unknown exporter in a pipeline',
      pipeline('receivers: [nop]\nexporters: [x]'),
      'service::pipelines::traces: references exporter "x" which is not configured',
    ],
    [
      'an unknown extension',
      [MINIMAL, 'service: {extensions: [x]}'],
      'service::extensions: references extension "x" which is not configured',
    ],
    ['a pipeline without receiver', pipeline('exporters: [nop]'), 'must have at least one receiver'],
    ['a pipeline without exporter', pipeline('receivers: [nop]'), 'must have at least one exporter'],
    [
      'a pipeline without a body',
      pipeline(''),
      'service::pipelines::traces: must have at least one receiver',
    ],
    [
      'a repeated processor',
      [MINIMAL, 'processors: {batch: }', 'service: {pipelines: {traces: {processors: [batch, batch]}}}'],
      'service::pipelines::traces: references processor "batch" multiple times',
    ],
    [
      'an id without type',
      [MINIMAL, 'receivers: {/x: }'],
      'in "/x" id: the part before / should not be empty',
    ],
    [
      'an id without name',
      [MINIMAL, 'receivers: {nop/: }'],
      'in "nop/" id: the part after / should not be empty',
    ],
    ['a type with a blank', [MINIMAL, 'receivers: {a b: }'], 'invalid character(s) in type "a b"'],
    ['a name with a blank', [MINIMAL, 'receivers: {nop/a b: }'], 'invalid character(s) in name "a b"'],
    [
      'an id that is there twice',
      [MINIMAL, 'receivers: {"nop/x": , "nop/ x": }'],
      'duplicate name "nop/x" after unmarshaling',
    ],
    [
      'an unknown signal',
      [MINIMAL, 'service: {pipelines: {trace: {receivers: [nop], exporters: [nop]}}}'],
      'unknown pipeline signal: "trace"',
    ],
    [
      'a component that makes no sense',
      [MINIMAL, 'receivers: {otlp: {}}'],
      'receivers::otlp: must specify at least one protocol when using the OTLP receiver',
    ],
    [
      'a value out of range',
      [MINIMAL, 'receivers: {otlp: {protocols: {grpc: }, workers: -1}}'],
      'receivers::otlp::workers: too small: expected number to be >0, got -1',
    ],
    [
      'a value that is no choice',
      [MINIMAL, 'receivers: {otlp: {protocols: {grpc: }, mode: nset}}'],
      'receivers::otlp::mode: expected one of "enrich", "nest", got "nset"',
    ],
    [
      'a value of neither type',
      [MINIMAL, 'receivers: {otlp: {protocols: {grpc: }, retry: sometimes}}'],
      `'retry' expected type 'bool' or 'float64', got type 'string', value: 'sometimes'`,
    ],
    [
      'a value that the schema has words of its own for',
      [MINIMAL, 'receivers: {otlp: {protocols: {grpc: }, ports: [80]}}'],
      'receivers::otlp::ports: must be ports like "80,8000-8100", got [80]',
    ],
    [
      'a signal that a component does not know',
      [
        MINIMAL,
        'processors: {batch: }',
        'service: {pipelines: {logs: {receivers: [nop], processors: [batch], exporters: [nop]}}}',
      ],
      'failed to create "batch" processor for data type "logs": telemetry type is not supported',
    ],
    [
      'metrics without a reader',
      [MINIMAL, 'service: {telemetry: {metrics: {readers: []}}}'],
      'service::telemetry::metrics: collector telemetry metrics reader should exist when metric level is not none',
    ],
    [
      'a reader of no kind',
      [MINIMAL, 'service: {telemetry: {metrics: {readers: [{}]}}}'],
      'service::telemetry::metrics::readers::0: a reader is either pull or periodic',
    ],
    [
      'a pull reader without exporter',
      [MINIMAL, 'service: {telemetry: {metrics: {readers: [{pull: {exporter: {}}}]}}}'],
      'service::telemetry::metrics::readers::0::pull::exporter: a pull reader needs one exporter: prometheus',
    ],
    [
      'a port that is none',
      [
        MINIMAL,
        'service: {telemetry: {metrics: {readers: [{pull: {exporter: {prometheus: {port: 99999}}}}]}}}',
      ],
      'service::telemetry::metrics::readers::0::pull::exporter::prometheus::port',
    ],
    [
      'a metrics level that is none',
      [MINIMAL, 'service: {telemetry: {metrics: {level: some}}}'],
      'service::telemetry::metrics::level: expected one of "none", "basic", "normal", "detailed"',
    ],
    [
      'a log level that is none',
      [MINIMAL, 'service: {telemetry: {logs: {level: loud}}}'],
      'service::telemetry::logs::level: expected one of "debug", "info"',
    ],
  ])('%s', (_, yaml, text) => {
    expect(failure(yaml)).toContain(text);
  });

  it('heads what does not fit the schema as the Collector does', () => {
    expect(failure([MINIMAL, 'x: 1'])).toMatch(
      /^failed to get config: cannot unmarshal the configuration: decoding failed due to the following error\(s\):\n\n'' has invalid keys: x\n/,
    );
  });
});

describe('what the Collector does not tell', () => {
  it('warns about what is accepted and has no effect', () => {
    const { notices } = load([
      MINIMAL,
      'service: {telemetry: {metrics: {level: none, address: ":8888"}, logs: {sampling: {}, level: warn}}}',
      'service: {telemetry: {metrics: {readers: [{periodic: {exporter: {otlp: {endpoint: x}}}}]}, resource: {schema_url: x}}}',
    ]);
    expect(notices.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'service::telemetry::logs::sampling is accepted for compatibility and has no effect'],
      ['warn', 'service::telemetry::metrics::address is accepted for compatibility and has no effect'],
      [
        'warn',
        'service::telemetry::metrics::readers[0]::periodic is accepted for compatibility and has no effect',
      ],
      ['warn', 'service::telemetry::resource::schema_url is accepted for compatibility and has no effect'],
    ]);
  });

  it('names file, line and column of the offending key', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'spanloom-')), 'config.yaml');
    writeFileSync(file, 'receivers:\n  otlp:\n    protocols:\n      grpc:\n        endpont: x\n');
    expect(() => loadConfig({ locations: [file] }, factories)).toThrow(
      `\n    at receivers::otlp::protocols::grpc::endpont (${file}:5:9)\n    did you mean "endpoint"?`,
    );
  });

  it.each([
    ['recievers: {}', 'did you mean "receivers"?'],
    ['exporters: {otlp_htp: }', 'did you mean "otlp_http"?'],
    ['service: {pipelines: {traces: {receivers: [npo]}}}', 'did you mean "nop"?'],
    ['service: {pipelines: {trace/2: }}', 'did you mean "traces"?'],
    ['receivers: {otlp: {protocols: {htpp: }}}', 'did you mean "http"?'],
    ['receivers: {otlp: {protocols: {http: }, mode: nset}}', 'did you mean "nest"?'],
  ])('%s: %s', (yaml, hint) => {
    expect(failure([MINIMAL, yaml])).toContain(hint);
  });

  it('suggests nothing for a name unlike any other', () => {
    expect(failure([MINIMAL, 'receivers: {carbon: }'])).not.toContain('did you mean');
  });

  it('reports all problems at once, each with its code and path', () => {
    try {
      load([MINIMAL, 'receivers: {nosuch: , otlp: {timeout: 5x, tls: "on", bad: 1}}\nexporters: {/x: }']);
      expect.unreachable();
    } catch (error) {
      expect((error as ConfigError).problems.map(({ code, path }) => [code, path.join('::')])).toEqual([
        ['SPANLOOM_CONFIG_UNKNOWN_TYPE', 'receivers::nosuch'],
        ['SPANLOOM_CONFIG_INVALID_VALUE', 'receivers::otlp::timeout'],
        ['SPANLOOM_CONFIG_INVALID_TYPE', 'receivers::otlp::tls'],
        ['SPANLOOM_CONFIG_UNKNOWN_KEY', 'receivers::otlp::bad'],
        ['SPANLOOM_CONFIG_INVALID_ID', 'exporters::/x'],
      ]);
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as ConfigError).code).toBe('SPANLOOM_CONFIG_UNKNOWN_TYPE');
    }
  });

  it('does not print secrets', () => {
    const text = failure([MINIMAL, 'receivers: {otlp: {protocols: {grpc: }, headers: {x-key: 12345}}}']);
    expect(text).toContain("'headers.x-key' expected type 'string'");
    expect(text).not.toContain('12345');
  });
});
