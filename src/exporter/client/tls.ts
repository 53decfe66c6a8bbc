import { type ConnectionOptions, rootCertificates } from 'node:tls';
import { z } from 'zod';
import { pemGiven, readPem, tlsKeys, tlsVersions } from '../../collector/tls-files.ts';

const body = z
  .strictObject({
    ...tlsKeys,
    /** Speak plain text. */
    insecure: z.boolean().default(false),
    /** Encrypt, and believe any certificate. */
    insecure_skip_verify: z.boolean().default(false),
    /** The name to expect in the certificate, where it differs from the endpoint's host. */
    server_name_override: z.string().default(''),
    ca_file: z.string().optional(),
    ca_pem: z.string().optional(),
    include_system_ca_certs_pool: z.boolean().default(false),
  })
  .superRefine((config, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    pemGiven(config, 'ca', issue);
    if (pemGiven(config, 'cert', issue) !== pemGiven(config, 'key', issue))
      issue('for client authentication provide both certificate and key, or neither');
  });

/** `tls` of a client, with the Collector's keys and defaults: encryption unless `insecure` is set. */
export const clientTls = z.preprocess((value) => value ?? {}, body).prefault({});

export type ClientTlsConfig = z.infer<typeof body>;

/** Options of `tls.connect`; reads the files the configuration names. Throws `SPANLOOM_TLS_FILE`. */
export async function tlsOptions(config: ClientTlsConfig): Promise<ConnectionOptions> {
  const [ca, cert, key] = await Promise.all([
    readPem(config, 'ca'),
    readPem(config, 'cert'),
    readPem(config, 'key'),
  ]);
  return {
    rejectUnauthorized: !config.insecure_skip_verify,
    ...tlsVersions(config),
    ...(ca !== undefined && { ca: config.include_system_ca_certs_pool ? [...rootCertificates, ca] : [ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(config.server_name_override !== '' && { servername: config.server_name_override }),
  };
}
