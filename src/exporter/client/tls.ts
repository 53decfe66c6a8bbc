import { readFile } from 'node:fs/promises';
import { type ConnectionOptions, rootCertificates, type SecureVersion } from 'node:tls';
import { z } from 'zod';
import { SpanloomError } from '../../error.ts';

const version = z.enum(['1.0', '1.1', '1.2', '1.3']);

const body = z
  .strictObject({
    /** Speak plain text. */
    insecure: z.boolean().default(false),
    /** Encrypt, and believe any certificate. */
    insecure_skip_verify: z.boolean().default(false),
    /** The name to expect in the certificate, where it differs from the endpoint's host. */
    server_name_override: z.string().default(''),
    ca_file: z.string().optional(),
    ca_pem: z.string().optional(),
    include_system_ca_certs_pool: z.boolean().default(false),
    cert_file: z.string().optional(),
    cert_pem: z.string().optional(),
    key_file: z.string().optional(),
    key_pem: z.string().optional(),
    min_version: version.default('1.2'),
    max_version: version.optional(),
  })
  .superRefine((config, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    for (const name of ['ca', 'cert', 'key'] as const)
      if (config[`${name}_file`] && config[`${name}_pem`])
        issue(`provide either ${name}_file or ${name}_pem, but not both`);
    if (Boolean(config.cert_file ?? config.cert_pem) !== Boolean(config.key_file ?? config.key_pem))
      issue('for client authentication provide both certificate and key, or neither');
  });

/** `tls` of a client, with the Collector's keys and defaults: encryption unless `insecure` is set. */
export const clientTls = z.preprocess((value) => value ?? {}, body).prefault({});

export type ClientTlsConfig = z.infer<typeof body>;

/** Options of `tls.connect`; reads the files the configuration names. */
export async function tlsOptions(config: ClientTlsConfig): Promise<ConnectionOptions> {
  const [ca, cert, key] = await Promise.all([
    config.ca_pem ?? read('ca_file', config.ca_file),
    config.cert_pem ?? read('cert_file', config.cert_file),
    config.key_pem ?? read('key_file', config.key_file),
  ]);
  return {
    rejectUnauthorized: !config.insecure_skip_verify,
    minVersion: `TLSv${config.min_version}` as SecureVersion,
    ...(config.max_version && { maxVersion: `TLSv${config.max_version}` as SecureVersion }),
    ...(ca !== undefined && { ca: config.include_system_ca_certs_pool ? [...rootCertificates, ca] : [ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(config.server_name_override !== '' && { servername: config.server_name_override }),
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
