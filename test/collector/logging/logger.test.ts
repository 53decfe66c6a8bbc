import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { topLevel } from '../../../src/collector/config/schema.ts';
import { createLogger } from '../../../src/collector/logging/logger.ts';
import { SpanloomError } from '../../../src/error.ts';

const directory = mkdtempSync(join(tmpdir(), 'spanloom-'));
let files = 0;

/** A logger as `service::telemetry::logs` describes it, and what it writes. */
function logger(logs: object) {
  const path = join(directory, `${files++}.log`);
  const { service } = topLevel.parse({ service: { telemetry: { logs: { ...logs, output_paths: [path] } } } });
  return { log: createLogger(service.telemetry.logs), written: () => readFileSync(path, 'utf8') };
}

describe('service::telemetry::logs', () => {
  it('writes lines for people: time, level, message, fields', () => {
    const { log, written } = logger({});
    log.child({ 'otelcol.component.id': 'otlp' }).warn({ port: 4317 }, 'Busy');
    log.info('Ready');
    expect(written().split('\n')).toEqual([
      expect.stringMatching(
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\twarn\tBusy\t\{"otelcol.component.id":"otlp","port":4317\}$/,
      ),
      expect.stringMatching(/Z\tinfo\tReady$/),
      '',
    ]);
  });

  it('names an error with its code', () => {
    const { log, written } = logger({});
    log.error({ err: new SpanloomError('SPANLOOM_X', 'no room') }, 'Failed');
    expect(written()).toMatch(/\terror\tFailed\t\{"error":"no room \(SPANLOOM_X\)"\}\n$/);
  });

  it('writes JSON with the same fields', () => {
    const { log, written } = logger({ encoding: 'json', initial_fields: { region: 'north' } });
    log.info({ port: 1 }, 'Ready');
    expect(JSON.parse(written())).toEqual({
      level: 'info',
      ts: expect.stringMatching(/^\d{4}-.*Z$/),
      region: 'north',
      port: 1,
      msg: 'Ready',
    });
  });

  it.each([
    ['DEBUG', ['debug', 'info', 'error']],
    ['info', ['info', 'error']],
    ['Error', ['error']],
    ['panic', []],
  ])('level %s lets %j through', (level, expected) => {
    const { log, written } = logger({ level, encoding: 'json' });
    log.debug('x');
    log.info('x');
    log.error('x');
    const levels = written()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line).level);
    expect(levels).toEqual(expected);
  });

  it('says which output can not be opened', () => {
    const { service } = topLevel.parse({
      service: { telemetry: { logs: { output_paths: ['/no/such/directory/x.log'] } } },
    });
    expect(() => createLogger(service.telemetry.logs)).toThrow(
      'service::telemetry::logs::output_paths: can not open "/no/such/directory/x.log": ENOENT',
    );
  });
});
