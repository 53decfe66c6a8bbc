import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plain } from '../../../src/collector/config/decode.ts';
import { ConfigError } from '../../../src/collector/config/problem.ts';
import { resolveConfig } from '../../../src/collector/config/resolve.ts';
import { failure, load, MINIMAL, receiver } from './config.helper.ts';

const directory = mkdtempSync(join(tmpdir(), 'spanloom-'));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

function expand(text: string, env: Record<string, string> = {}): unknown {
  const { value } = resolveConfig({
    locations: [`yaml:${JSON.stringify({ section: { value: text } })}`],
    env,
  });
  return (plain(value) as { section: { value: unknown } }).section.value;
}

describe(`\${...}`, () => {
  it.each<[string, unknown]>([
    [`\${env:HOST}`, 'localhost'],
    [`\${HOST}`, 'localhost'],
    [`http://\${env:HOST}:\${env:PORT}/`, 'http://localhost:4317/'],
    [`\${env:PORT}`, 4317],
    [`port \${env:OCTAL}`, 'port 0123'],
    [`\${env:MISSING:-fallback}`, 'fallback'],
    [`\${MISSING:-fallback}`, 'fallback'],
    [`\${env:MISSING:-4318}`, 4318],
    [`\${env:MISSING:-}`, null],
    [`\${env:EMPTY:-fallback}`, null],
    [`<\${env:EMPTY:-fallback}>`, '<>'],
    [`<\${env:MISSING}>`, '<>'],
    [`\${env:MISSING}`, null],
    [`\${env:\${env:NAME}}`, 'localhost'],
    [`\${env:INDIRECT}`, 'localhost'],
    [`\${env:MAP}`, { a: 1, b: ['localhost'] }],
    [`is \${env:MAP}`, 'is {a: 1, b: ["localhost"]}'],
    [`\${env:QUOTED}`, '"text"'],
    [`\${env:BROKEN}`, '[half: "'],
    [`\${env:BOOL}`, true],
    ['$HOST', '$HOST'],
    [`$\${HOST}`, `\${HOST}`],
    [`$$\${HOST}`, '$localhost'],
    [`$$$\${HOST}`, `$\${HOST}`],
    ['a$$b', 'a$b'],
    [`\${HOST`, `\${HOST`],
    ['HOST}', 'HOST}'],
    [`} \${HOST}`, '} localhost'],
    [`\${env:DOLLARS}`, 'a$b'],
  ])('%s gives %j', (text, value) => {
    const env = {
      HOST: 'localhost',
      PORT: '4317',
      OCTAL: '0123',
      EMPTY: '',
      NAME: 'HOST',
      INDIRECT: `\${env:HOST}`,
      MAP: `{a: 1, b: ["\${env:HOST}"]}`,
      QUOTED: '"text"',
      BROKEN: '[half: "',
      BOOL: 'true',
      DOLLARS: 'a$$b',
    };
    expect(expand(text, env)).toEqual(value);
  });

  it('includes a file in place, and says where things stand in it', () => {
    const protocols = file('protocols.yaml', 'grpc:\n  endpoint: 5\n');
    expect(failure([MINIMAL, `receivers: {otlp: {protocols: "\${file:${protocols}}"}}`])).toContain(
      `at receivers::otlp::protocols::grpc::endpoint (${protocols}:2:3)`,
    );
  });

  it('does not touch keys', () => {
    const { value } = resolveConfig({ locations: [`yaml:{section: {"\${HOST}": 1}}`], env: { HOST: 'x' } });
    expect(value).toEqual({ section: { '${HOST}': 1 } });
  });

  it.each([
    [`\${env:1X}`, 'environment variable "1X" has invalid name: must match regex ^[a-zA-Z_][a-zA-Z0-9_]*$'],
    [`\${http://localhost}`, 'scheme "http" is not supported for uri "http://localhost"'],
    [`\${file:/no/such/file}`, 'unable to read the file file:/no/such/file'],
    [`\${x:y}`, 'invalid uri: "x:y"'],
    [`\${env:$X}`, `the uri "env:$X" contains unsupported characters ('$')`],
    [`\${env:LOOP}`, 'too many recursive expansions'],
  ])('%s is an error that says where', (text, message) => {
    expect(() => expand(text, { LOOP: `\${env:LOOP}` })).toThrow(
      new RegExp(`${escapeRegExp(message)}[^]*at section::value \\(yaml:1:`),
    );
  });

  it('ends when a file includes itself twice', () => {
    const path = join(directory, 'self.yaml');
    file('self.yaml', `a: "\${file:${path}}"\nb: "\${file:${path}}"\n`);
    expect(() => expand(`\${file:${path}}`)).toThrow('too many recursive expansions');
  });

  it('leaves text without a dollar sign as it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !text.includes('$')),
        (text) => {
          expect(expand(text)).toBe(text);
        },
      ),
    );
  });

  it('gives any text back that was escaped by doubling its dollar signs', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', ':', '-') }), (text) => {
        expect(expand(text.replaceAll('$', () => '$$'))).toBe(text);
      }),
    );
  });

  it('throws nothing but ConfigError, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'env', ':', '-', 'A') }), (text) => {
        try {
          expand(text, { A: `\${`, env: '}' });
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });

  it('tells about variables that are not set or empty', () => {
    const { notices } = load(
      [MINIMAL, `processors: {batch: "\${env:UNSET}"}`, `exporters: {nop/2: "\${EMPTY}"}`],
      {
        EMPTY: '',
      },
    );
    expect(notices.map(({ level, message, fields }) => [level, message, fields])).toEqual([
      ['info', 'Configuration references empty environment variable', { name: 'EMPTY' }],
      ['warn', 'Configuration references unset environment variable', { name: 'UNSET' }],
    ]);
  });
});

describe('the type of an expanded value', () => {
  const env = { DIGITS: '0123', YES: 'true', WAIT: '7s', TOKEN: '1e3' };

  it('is the one the field wants', () => {
    const body = [
      `workers: \${env:DIGITS}`,
      `tls: \${env:YES}`,
      `timeout: \${env:WAIT}`,
      `headers: {a: "\${env:TOKEN}", b: "\${env:YES}"}`,
      `list: ["\${env:DIGITS}"]`,
    ];
    expect(receiver(body.join('\n'), env)).toMatchObject({
      workers: 83,
      tls: true,
      timeout: 7e9,
      headers: { a: '1e3', b: 'true' },
      list: ['0123'],
    });
  });

  it('is not bent for what the file itself says', () => {
    expect(failure([MINIMAL, 'receivers: {otlp: {protocols: {grpc: }, list: [123]}}'])).toContain(
      `'list.0' expected type 'string', got unconvertible type 'int', value: '123'`,
    );
  });

  it('is refused when neither the value nor the text fits', () => {
    expect(
      failure([MINIMAL, `receivers: {otlp: {protocols: {grpc: }, tls: "\${env:DIGITS}"}}`], env),
    ).toContain(`'tls' expected type 'bool', got unconvertible type 'string', value: '0123'`);
  });
});

describe('a key without a value', () => {
  it('is as if it were not there, or an empty map', () => {
    expect(receiver('timeout:\nworkers: ~\nheaders:')).toEqual({
      protocols: { grpc: { endpoint: 'localhost:4317' } },
      timeout: 5e9,
      workers: 1,
      mode: 'enrich',
      tls: false,
      headers: {},
      list: [],
      retry: true,
      ports: '80',
    });
  });
});

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
