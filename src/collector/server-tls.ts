import { readFile } from 'node:fs/promises';
import type { SecureVersion, TlsOptions } from 'node:tls';
import { z } from 'zod';
import { SpanloomError } from '../error.ts';

const version = z.enum(['1.0', '1.1', '1.2', '1.3']);

const schema = z
  .strictObject({
    cert_file: z.string().optional(),
    cert_pem: z.string().optional(),
    key_file: z.string().optional(),
    key_pem: z.string().optional(),
    /** Clients must show a certificate that this authority signed. */
    client_ca_file: z.string().optional(),
    min_version: version.default('1.2'),
    max_version: version.optional(),
  })
  .superRefine((config, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    for (const name of ['cert', 'key'] as const) {
      const [file, pem] = [config[`${name}_file`], config[`${name}_pem`]];
      if (file && pem) issue(`provide either ${name}_file or ${name}_pem, but not both`);
      if (!file && !pem) issue(`a server needs ${name}_file or ${name}_pem`);
    }
  });

export type ServerTlsConfig = z.infer<typeof schema>;

/** `tls` of a server, with the Collector's keys: plain text where it is missing. */
export const serverTls = schema.nullish().transform((config) => config ?? undefined);

/** Options for a TLS server; reads the files the configuration names. */
export async function serverTlsOptions(config: ServerTlsConfig): Promise<TlsOptions> {
  const [cert, key, ca] = await Promise.all([
    config.cert_pem ?? read('cert_file', config.cert_file),
    config.key_pem ?? read('key_file', config.key_file),
    read('client_ca_file', config.client_ca_file),
  ]);
  return {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(ca !== undefined && { ca, requestCert: true, rejectUnauthorized: true }),
    minVersion: `TLSv${config.min_version}` as SecureVersion,
    ...(config.max_version && { maxVersion: `TLSv${config.max_version}` as SecureVersion }),
  };
}

async function read(key: string, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new SpanloomError(
      'SPANLOOM_TLS_FILE',
      `tls::${key}: can not read ${JSON.stringify(path)}: ${(error as Error).message}`,
      { cause: error },
    );
  }
}
