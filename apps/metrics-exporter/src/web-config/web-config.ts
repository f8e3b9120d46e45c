import { readFile } from 'node:fs/promises';
import { validateHeaderValue } from 'node:http';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';

import { CommandError } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import { parseDocument } from 'yaml';
import { z } from 'zod';

const clientAuthTypes = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

const tlsVersions = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;
const tlsVersionSchema = z.enum(['TLS12', 'TLS13']).transform((name) => tlsVersions[name]);

const tlsSchema = z
  .strictObject({
    cert_file: z.string().min(1),
    key_file: z.string().min(1),
    client_auth_type: z.enum(clientAuthTypes).default('NoClientCert'),
    client_ca_file: z.string().min(1).optional(),
    client_allowed_sans: z.array(z.string().min(1)).default([]),
    min_version: tlsVersionSchema.prefault('TLS12'),
    max_version: tlsVersionSchema.prefault('TLS13'),
  })
  .refine(
    ({ client_auth_type: type, client_ca_file: file }) =>
      !type.includes('Verify') || file !== undefined,
    { path: ['client_ca_file'], error: 'is needed to verify client certificates' },
  )
  .refine(({ min_version: min, max_version: max }) => min <= max, {
    path: ['max_version'],
    error: 'must not be below min_version',
  });

const headerSchema = z.string().refine(isHeaderValue, 'has a character that no header may have');

/** The headers that Prometheus' exporter-toolkit allows, and no others. */
const headersSchema = z.strictObject({
  'Content-Security-Policy': headerSchema.optional(),
  'Strict-Transport-Security': headerSchema.optional(),
  'X-Content-Type-Options': z.enum(['nosniff']).optional(),
  'X-Frame-Options': z.enum(['deny', 'sameorigin']).optional(),
  'X-XSS-Protection': headerSchema.optional(),
});

/** Of a cost from 4 to 31: no other can be compared with. */
const bcryptHash = /^\$2[aby]\$(?:0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/;

/** A section without anything in it is as good as none. */
const sectionOf = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((section) => section ?? undefined, schema);

const webConfigSchema = z.strictObject({
  tls_server_config: sectionOf(tlsSchema.optional()),
  http_server_config: sectionOf(
    z.strictObject({ headers: sectionOf(headersSchema.default({})) }).default({ headers: {} }),
  ),
  /** Password hashes by user. */
  basic_auth_users: sectionOf(
    z
      .record(
        z.string().min(1),
        z
          .string()
          .regex(
            bcryptHash,
            'must be a bcrypt hash of a cost from 4 to 31, such as htpasswd -nBC 10 "" makes',
          ),
      )
      .default({}),
  ),
});

type ParsedWebConfig = z.infer<typeof webConfigSchema>;

/** The useful part of the format of Prometheus' exporter-toolkit. */
export interface WebConfig extends ParsedWebConfig {
  /** The files that `tls_server_config` names, read. */
  readonly tls: TlsFiles | undefined;
}

/** Certificates and key, as PEM. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly clientCa: Buffer | undefined;
}

/** Without a file: plain HTTP, for everybody who reaches the port. */
export const openWebConfig: WebConfig = { ...webConfigSchema.parse({}), tls: undefined };

/**
 * Reads a web configuration with all that it names, and finds that it can be served with; paths in it are
 * relative to it.
 *
 * @throws {CommandError} with what is wrong and in which file, and no part of a password.
 */
export async function readWebConfig(path: string): Promise<WebConfig> {
  const refuse = (problem: string, cause?: unknown): CommandError =>
    new CommandError(`--web.config.file ${path}: ${problem}`, { exitCode: exitCodes.usage, cause });
  const read = async (file: string): Promise<Buffer> => {
    try {
      return await readFile(file);
    } catch (cause) {
      throw refuse(cause instanceof Error ? cause.message : String(cause), cause);
    }
  };
  const parsed = webConfigSchema.safeParse(
    readYaml((await read(path)).toString('utf8'), refuse) ?? {},
  );
  if (!parsed.success) {
    throw refuse(parsed.error.issues.map(describeIssue).join('; '));
  }
  const { tls_server_config: tls } = parsed.data;
  if (tls === undefined) {
    return { ...parsed.data, tls: undefined };
  }
  const beside = (file: string): Promise<Buffer> => read(resolve(dirname(path), file));
  const files: TlsFiles = {
    cert: await beside(tls.cert_file),
    key: await beside(tls.key_file),
    clientCa: tls.client_ca_file === undefined ? undefined : await beside(tls.client_ca_file),
  };
  for (const { what, options } of tlsTrials(tls, files)) {
    try {
      createSecureContext(options);
    } catch (cause) {
      throw refuse(`${what} (${cause instanceof Error ? cause.message : String(cause)})`, cause);
    }
  }
  return { ...parsed.data, tls: files };
}

/** What the text says; the messages of the parser quote it, and it may hold a hash. */
function readYaml(text: string, refuse: (problem: string) => CommandError): unknown {
  // Keys that are no strings would be quoted as warnings.
  const document = parseDocument(text, { uniqueKeys: true, stringKeys: true });
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    throw refuse(`not YAML: ${syntaxError.code} at line ${syntaxError.linePos?.[0].line ?? '?'}`);
  }
  try {
    return document.toJS();
  } catch {
    throw refuse('an alias (*) stands for nothing, or for too much');
  }
}

function isHeaderValue(value: string): boolean {
  try {
    validateHeaderValue('value', value);
    return true;
  } catch {
    return false;
  }
}

/** What a TLS server is made of, one by one and then together, each with what it says where it can not be used. */
function tlsTrials(
  settings: z.infer<typeof tlsSchema>,
  { cert, key, clientCa }: TlsFiles,
): readonly { readonly what: string; readonly options: SecureContextOptions }[] {
  const { cert_file: certFile, key_file: keyFile, client_ca_file: clientCaFile } = settings;
  return [
    { what: `cert_file ${certFile} holds no certificate that can be used`, options: { cert } },
    { what: `key_file ${keyFile} holds no key that can be used`, options: { key } },
    {
      what: `client_ca_file ${String(clientCaFile)} holds no certificates that can be used`,
      // As `ca` what is no certificate would be passed over.
      options: { cert: clientCa },
    },
    { what: `key_file ${keyFile} is not of cert_file ${certFile}`, options: { cert, key } },
  ];
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.map(String).join('.');
  const what =
    issue.code === 'unrecognized_keys'
      ? `there is no ${issue.keys.map((key) => JSON.stringify(key)).join(', ')} here`
      : issue.message;
  return where === '' ? what : `${where}: ${what}`;
}
