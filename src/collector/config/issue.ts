import type { ZodType } from 'zod';
import type { $ZodIssue } from 'zod/v4/core';
import { valueAt } from './decode.ts';
import { formatPath, type Path } from './position.ts';
import type { ConfigProblem } from './problem.ts';
import { isSecret, REDACTED } from './redact.ts';
import { schemaKeys } from './schema-keys.ts';
import { suggest } from './suggest.ts';

/** What went wrong while a section was read: it does not fit (`decoding`), or it fits but makes no sense. */
export interface SectionProblem extends ConfigProblem {
  readonly decoding: boolean;
}

/** Where a section stands, to word its problems. */
export interface Section {
  readonly schema: ZodType;
  readonly input: unknown;
  readonly path: Path;
}

/** A zod issue in the Collector's words: one problem, or one for each unknown key. */
export function describeIssue(issue: $ZodIssue, section: Section): SectionProblem[] {
  const inside = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  const path = [...section.path, ...inside];
  const dotted = inside.join('.');
  const value = valueAt(section.input, inside);
  const shown = show(value, path);
  const quoted = typeof value === 'string' ? JSON.stringify(shown) : shown;
  const decoding = (code: SectionProblem['code'], message: string): SectionProblem[] => [
    { code, message, path, decoding: true },
  ];
  const validation = (message: string): SectionProblem[] => [
    {
      code: 'SPANLOOM_CONFIG_INVALID_VALUE',
      message: `${formatPath(path)}: ${message}`,
      path,
      decoding: false,
    },
  ];

  if (hasOwnWords(issue)) return validation(`${issue.message}, got ${quoted}`);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        code: 'SPANLOOM_CONFIG_UNKNOWN_KEY',
        message: `'${dotted}' has invalid keys: ${key}`,
        path: [...path, key],
        suggestion: suggest(key, schemaKeys(section.schema, inside)),
        decoding: true,
      }));
    case 'invalid_type':
      if (value === undefined) return validation(`is required: expected type '${goType(issue.expected)}'`);
      return decoding(
        'SPANLOOM_CONFIG_INVALID_TYPE',
        `'${dotted}' expected type '${goType(issue.expected)}', got unconvertible type '${goTypeOf(value)}', value: '${shown}'`,
      );
    case 'invalid_union':
      return decoding(
        'SPANLOOM_CONFIG_INVALID_TYPE',
        `'${dotted}' expected ${expectedByUnion(issue.errors)}, got type '${goTypeOf(value)}', value: '${shown}'`,
      );
    case 'invalid_value': {
      const values = issue.values.map((value) => JSON.stringify(value)).join(', ');
      const [problem] = validation(
        `expected ${issue.values.length > 1 ? 'one of ' : ''}${values}, got ${quoted}`,
      );
      const suggestion = suggest(String(value), issue.values.map(String));
      return [{ ...problem!, suggestion }];
    }
    case 'custom':
      if (issue.params?.decoding === true)
        return decoding('SPANLOOM_CONFIG_INVALID_VALUE', `'${dotted}' ${issue.message}`);
      return validation(issue.message);
    default:
      return validation(`${lowerFirst(issue.message)}, got ${quoted}`);
  }
}

/** Whether the schema says itself what it expects of a value, instead of zod. */
function hasOwnWords({ code, message }: $ZodIssue): boolean {
  return ['invalid_type', 'invalid_union', 'invalid_value'].includes(code) && !/^Invalid /.test(message);
}

function expectedByUnion(branches: readonly (readonly $ZodIssue[])[]): string {
  const types = branches.flatMap((issues) =>
    issues.flatMap((issue) => (issue.code === 'invalid_type' ? [`'${goType(issue.expected)}'`] : [])),
  );
  return types.length > 0 ? `type ${[...new Set(types)].join(' or ')}` : 'another value';
}

function show(value: unknown, path: Path): string {
  if (value !== undefined && isSecret(path.filter((key) => typeof key === 'string'))) return REDACTED;
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** Type names as the Collector, a Go program, writes them. */
function goType(zodType: string): string {
  const names: Record<string, string> = {
    object: 'map[string]interface {}',
    record: 'map[string]interface {}',
    array: '[]interface {}',
    boolean: 'bool',
    number: 'float64',
    duration: 'time.Duration',
  };
  return names[zodType] ?? zodType;
}

export function goTypeOf(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  return goType(typeof value);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}
