import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ownBuildInfo } from '../../../src/collector/build-info.ts';
import { execute } from '../../../src/collector/command/execute.ts';
import { createProgram } from '../../../src/collector/command/program.ts';
import { builtinFactories } from '../../../src/components.ts';

const CONFIG = join(mkdtempSync(join(tmpdir(), 'spanloom-')), 'config.yaml');
writeFileSync(
  CONFIG,
  JSON.stringify({
    receivers: { otlp: { protocols: { http: null } } },
    exporters: { nop: null, otlp_http: { endpoint: 'http://127.0.0.1:9', headers: { key: 'abc' } } },
    service: { pipelines: { traces: { receivers: ['otlp'], exporters: ['nop'] } } },
  }),
);

/** A command that ends by itself, within this process. */
async function run(args: readonly string[]) {
  let stdout = '';
  let stderr = '';
  const print = (text: string) => {
    stdout += text;
  };
  const program = createProgram({ factories: builtinFactories, buildInfo: ownBuildInfo(), print });
  program.configureOutput({ writeOut: print });
  const code = await execute(program, args, (text) => {
    stderr += text;
  });
  return { code, stdout, stderr };
}

describe('spanloom', () => {
  it('tells a wrong configuration on two lines, and exits with 1', async () => {
    const { code, stderr } = await run(['--config', CONFIG, '--set', 'service.telemtry=1']);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `Error: failed to get config: cannot unmarshal the configuration: decoding failed due to the following error(s):\n\n'service' has invalid keys: telemtry\n    at service::telemtry (--set service.telemtry:1:1)\n    did you mean "telemetry"?\n`,
    );
    expect(stderr).toMatch(
      /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d collector server run finished with error: failed to get config: .*\(SPANLOOM_CONFIG_UNKNOWN_KEY\)$/m,
    );
  });

  it.each([
    [[], 'Error: failed to get config: at least one config flag must be provided'],
    [['--config', '/no/such/file'], 'unable to read the file file:/no/such/file: ENOENT'],
    [['--config', 'x', '--set', 'a'], 'missing equal sign'],
    [['--config', 'http://localhost/'], 'scheme "http" is not supported for uri "http://localhost/"'],
    [['--no-such-flag'], "Error: unknown option '--no-such-flag'"],
    [['vaildate'], 'Error: unknown command "vaildate" for "spanloom"\n    did you mean "validate"?'],
    [['--drain-timeout', '5', '--config', 'x'], 'time: missing unit in duration "5"'],
  ])('%j is an error', async (args, message) => {
    const { code, stderr } = await run(args);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});

describe('other commands', () => {
  it('--version prints the version', async () => {
    expect(await run(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^spanloom version \d+\.\d+\.\d+\n$/),
    });
  });

  it('--help lists the commands', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const command of ['validate', 'print-config', 'components']) expect(stdout).toContain(command);
  });

  it('validate says nothing about what is right', async () => {
    expect(await run(['validate', '--config', CONFIG, '--feature-gates=-a,+b'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('validate accepts the example', async () => {
    expect(await run(['validate', '--config', 'otel-config.example.yaml'])).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  it('validate tells what is wrong without the prefix of a run', async () => {
    const { code, stderr } = await run([
      'validate',
      '--config',
      CONFIG,
      '--set',
      'service.pipelines.traces.exporters=[debug]',
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Error: service::pipelines::traces: references exporter "debug" which is not configured\n/,
    );
  });

  it('components lists kinds, names and stability as YAML', async () => {
    const { code, stdout } = await run(['components']);
    expect(code).toBe(0);
    const list = parse(stdout);
    expect(Object.keys(list)).toEqual([
      'buildinfo',
      'receivers',
      'processors',
      'exporters',
      'connectors',
      'extensions',
      'providers',
      'converters',
    ]);
    expect(list.receivers.map(({ name }: { name: string }) => name)).toContain('otlp');
    expect(list.exporters.find(({ name }: { name: string }) => name === 'otlp_http').stability).toEqual({
      logs: 'Alpha',
      metrics: 'Alpha',
      traces: 'Alpha',
    });
  });

  it('print-config prints what results, without secrets', async () => {
    const args = ['print-config', '--config', CONFIG, '--set', `a.b=\${env:UNSET_HERE:-text}`];
    const { code, stdout } = await run(args);
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({
      a: { b: 'text' },
      exporters: { otlp_http: { headers: { key: '[REDACTED]' } } },
    });
    const unredacted = await run([...args, '--mode', 'unredacted', '--format', 'json']);
    expect(JSON.parse(unredacted.stdout)).toMatchObject({
      exporters: { otlp_http: { headers: { key: 'abc' } } },
    });
  });
});
