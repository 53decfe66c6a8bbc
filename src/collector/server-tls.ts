import type { TlsOptions } from 'node:tls';
import { z } from 'zod';
import { pemGiven, readPem, tlsKeys, tlsVersions } from './tls-files.ts';

const schema = z
  .strictObject({
    ...tlsKeys,
    /** Clients must show a certificate that this authority signed. */
    client_ca_file: z.string().optional(),
  })
  .superRefine((config, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    for (const name of ['cert', 'key'] as const)
      if (!pemGiven(config, name, issue)) issue(`a server needs ${name}_file or ${name}_pem`);
  });

export type ServerTlsConfig = z.infer<typeof schema>;

/** `tls` of a server, with the Collector's keys: plain text where it is missing. */
export const serverTls = schema.nullish().transform((config) => config ?? undefined);

/** Options for a TLS server; reads the files the configuration names. Throws `SPANLOOM_TLS_FILE`. */
export async function serverTlsOptions(config: ServerTlsConfig): Promise<TlsOptions> {
  const [cert, key, ca] = await Promise.all([
    readPem(config, 'cert'),
    readPem(config, 'key'),
    readPem(config, 'client_ca'),
  ]);
  return {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(ca !== undefined && { ca, requestCert: true, rejectUnauthorized: true }),
    ...tlsVersions(config),
  };
}
