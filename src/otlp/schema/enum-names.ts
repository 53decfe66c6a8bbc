function numbered(prefix: string, names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, value) => [prefix + name, value]));
}

const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) =>
  ['', '2', '3', '4'].map((step) => name + step),
);

/** The names of the values of each enum, by the name of the fields that hold it. */
export const ENUM_NAMES: Readonly<Record<string, ReadonlyMap<string, number>>> = {
  kind: numbered('SPAN_KIND_', ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER']),
  code: numbered('STATUS_CODE_', ['UNSET', 'OK', 'ERROR']),
  severityNumber: numbered('SEVERITY_NUMBER_', ['UNSPECIFIED', ...SEVERITIES]),
  aggregationTemporality: numbered('AGGREGATION_TEMPORALITY_', ['UNSPECIFIED', 'DELTA', 'CUMULATIVE']),
};
