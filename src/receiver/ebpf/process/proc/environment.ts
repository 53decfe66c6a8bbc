import { readBytes } from './read.ts';

const LIMIT = 1024 * 1024;

/** The only two variables that are ever taken out of a process's environment. */
export interface OtelEnvironment {
  /** `OTEL_SERVICE_NAME`. */
  readonly serviceName: string | undefined;
  /** `OTEL_RESOURCE_ATTRIBUTES`. */
  readonly resourceAttributes: string | undefined;
}

export function readEnvironment(procRoot: string, pid: number): OtelEnvironment {
  const bytes = readBytes(`${procRoot}/${pid}/environ`, LIMIT) ?? Buffer.alloc(0);
  return {
    serviceName: variable(bytes, 'OTEL_SERVICE_NAME='),
    resourceAttributes: variable(bytes, 'OTEL_RESOURCE_ATTRIBUTES='),
  };
}

/** Empty is the same as unset (OpenTelemetry specification, environment variables). */
function variable(bytes: Buffer, prefix: string): string | undefined {
  for (let at = bytes.indexOf(prefix); at >= 0; at = bytes.indexOf(prefix, at + 1)) {
    if (at > 0 && bytes[at - 1] !== 0) continue;
    const end = bytes.indexOf(0, at);
    return bytes.toString('utf8', at + prefix.length, end < 0 ? bytes.length : end) || undefined;
  }
  return undefined;
}
