import { readFile } from 'node:fs/promises';
import type { SecureVersion } from 'node:tls';
import { z } from 'zod';
import { SpanloomError } from '../error.ts';

const version = z.enum(['1.0', '1.1', '1.2', '1.3']);

/** The keys of `tls` that servers and clients share, as the Collector names them. */
export const tlsKeys = {
  cert_file: z.string().optional(),
  cert_pem: z.string().optional(),
  key_file: z.string().optional(),
  key_pem: z.string().optional(),
  min_version: version.default('1.2'),
  max_version: version.optional(),
};

type Pems<Name extends string> = { readonly [Key in `${Name}_${'file' | 'pem'}`]?: string | undefined };

/** Which of the two ways of giving `name` is used; giving both is an issue. */
export function pemGiven<Name extends string>(
  config: Pems<Name>,
  name: Name,
  issue: (message: string) => void,
): boolean {
  const { file, pem } = given(config, name);
  if (file && pem) issue(`provide either ${name}_file or ${name}_pem, but not both`);
  return Boolean(file ?? pem);
}

/** What `name` is: the text itself, or that of the file. Throws `SPANLOOM_TLS_FILE`. */
export async function readPem<Name extends string>(
  config: Pems<Name>,
  name: Name,
): Promise<string | undefined> {
  const { file, pem } = given(config, name);
  if (pem !== undefined || file === undefined) return pem;
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new SpanloomError(
      'SPANLOOM_TLS_FILE',
      `tls::${name}_file: can not read ${JSON.stringify(file)}: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

export function tlsVersions(config: {
  readonly min_version: string;
  readonly max_version?: string | undefined;
}) {
  return {
    minVersion: `TLSv${config.min_version}` as SecureVersion,
    ...(config.max_version && { maxVersion: `TLSv${config.max_version}` as SecureVersion }),
  };
}

function given<Name extends string>(config: Pems<Name>, name: Name) {
  const values: Readonly<Record<string, string | undefined>> = config;
  return { file: values[`${name}_file`], pem: values[`${name}_pem`] };
}
