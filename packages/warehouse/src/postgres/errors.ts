/**
 * What went wrong with Postgres, as far as a caller acts on it:
 * `UNREACHABLE` nobody answers there, or it takes nobody in right now · `CONNECTION_LOST` it went
 * away in the middle, nothing was committed · `COMMIT_UNKNOWN` it went away while it committed: ask
 * for the work's identity before doing it again · `CONFLICT` a deadlock, or a serialization failure
 * · `LOCK_TIMEOUT` · `STATEMENT_TIMEOUT` · `CANCELLED` the caller asked it to stop · `FENCED` a
 * claim or a lease was taken over by another · `AUTHENTICATION` · `TLS` the certificate does not
 * fit · `MISSING_DATABASE` · `MISSING_SCHEMA` a table or schema is not there: not migrated ·
 * `DENIED` the role may not · `READ_ONLY` · `DISK_FULL` · `OUT_OF_MEMORY` · `CONSTRAINT` · `SQL` a
 * statement or a value is wrong · `MIGRATION` files and database do not fit · `EMBEDDED` the
 * embedded server could not be run · `CONFIGURATION` the URL can not be used · `INTERNAL` the rest.
 */
export type PostgresErrorCode =
  | 'UNREACHABLE'
  | 'CONNECTION_LOST'
  | 'COMMIT_UNKNOWN'
  | 'CONFLICT'
  | 'LOCK_TIMEOUT'
  | 'STATEMENT_TIMEOUT'
  | 'CANCELLED'
  | 'FENCED'
  | 'AUTHENTICATION'
  | 'TLS'
  | 'MISSING_DATABASE'
  | 'MISSING_SCHEMA'
  | 'DENIED'
  | 'READ_ONLY'
  | 'DISK_FULL'
  | 'OUT_OF_MEMORY'
  | 'CONSTRAINT'
  | 'SQL'
  | 'MIGRATION'
  | 'EMBEDDED'
  | 'CONFIGURATION'
  | 'INTERNAL';

/**
 * A failure of Postgres, or of the way to it; its message says what was done, where, what happened,
 * what to do, and never has a password in it.
 */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
  readonly code: PostgresErrorCode;
  /** Whether the same transaction may succeed later without anything being changed. */
  readonly retryable: boolean;
  /** What Postgres itself reported, where it did: five characters. */
  readonly sqlState: string | undefined;

  constructor(
    code: PostgresErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly sqlState?: string | undefined } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryable = retryableCodes.has(code);
    this.sqlState = options.sqlState;
  }
}

/** `COMMIT_UNKNOWN` is none of them: only its caller can tell whether the work is done. */
const retryableCodes: ReadonlySet<PostgresErrorCode> = new Set([
  'UNREACHABLE',
  'CONNECTION_LOST',
  'CONFLICT',
  'LOCK_TIMEOUT',
]);

/** By SQLSTATE, and where a whole class means the same, by its first two characters. */
const codesBySqlState: Readonly<Record<string, PostgresErrorCode>> = {
  '08': 'CONNECTION_LOST',
  '08001': 'UNREACHABLE',
  '08004': 'UNREACHABLE',
  '08P01': 'INTERNAL',
  '0A': 'SQL',
  '21': 'SQL',
  '22': 'SQL',
  '23': 'CONSTRAINT',
  '25006': 'READ_ONLY',
  '25P03': 'CONNECTION_LOST',
  '25P04': 'CONNECTION_LOST',
  '28': 'AUTHENTICATION',
  '3D': 'MISSING_DATABASE',
  '3F': 'MISSING_SCHEMA',
  '40': 'CONFLICT',
  '40002': 'CONSTRAINT',
  '40003': 'COMMIT_UNKNOWN',
  '42': 'SQL',
  '42501': 'DENIED',
  '42P01': 'MISSING_SCHEMA',
  '42883': 'MISSING_SCHEMA',
  '44': 'CONSTRAINT',
  '53100': 'DISK_FULL',
  '53200': 'OUT_OF_MEMORY',
  '53300': 'UNREACHABLE',
  '54': 'SQL',
  '55006': 'LOCK_TIMEOUT',
  '55P03': 'LOCK_TIMEOUT',
  '57014': 'STATEMENT_TIMEOUT',
  '57P01': 'CONNECTION_LOST',
  '57P02': 'CONNECTION_LOST',
  '57P03': 'UNREACHABLE',
  '57P04': 'MISSING_DATABASE',
  '57P05': 'CONNECTION_LOST',
};

const codesByErrno: Readonly<Record<string, PostgresErrorCode>> = {
  EACCES: 'UNREACHABLE',
  EADDRNOTAVAIL: 'UNREACHABLE',
  EAI_AGAIN: 'UNREACHABLE',
  EAI_FAIL: 'UNREACHABLE',
  ECONNREFUSED: 'UNREACHABLE',
  EHOSTDOWN: 'UNREACHABLE',
  EHOSTUNREACH: 'UNREACHABLE',
  ENETDOWN: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  ENOENT: 'UNREACHABLE',
  ENOTFOUND: 'UNREACHABLE',
  ECONNABORTED: 'CONNECTION_LOST',
  ECONNRESET: 'CONNECTION_LOST',
  EPIPE: 'CONNECTION_LOST',
  ETIMEDOUT: 'CONNECTION_LOST',
};

/** Of a TLS handshake, as Node and OpenSSL call it. */
const tlsErrnoPattern =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;

/** What the driver says without any code, each word provoked by a test. */
const driverMessages: readonly (readonly [PostgresErrorCode, RegExp])[] = [
  ['UNREACHABLE', /timeout (?:exceeded when trying to connect|expired)|connection timeout/i],
  ['TLS', /does not support SSL|self.signed certificate|certificate/i],
  ['AUTHENTICATION', /client password must be a string|SASL|no password supplied/i],
  [
    'CONNECTION_LOST',
    /Connection terminated|Client has encountered a connection error|not queryable|Client was closed/i,
  ],
];

/** The code that an error of the driver, of the network or of Postgres stands for. */
export function classifyPostgresError(cause: unknown): PostgresErrorCode {
  if (cause instanceof PostgresError) {
    return cause.code;
  }
  if (!(cause instanceof Error)) {
    return 'INTERNAL';
  }
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  if (isServerReport(cause)) {
    return codesBySqlState[code] ?? codesBySqlState[code.slice(0, 2)] ?? 'INTERNAL';
  }
  if (tlsErrnoPattern.test(code)) {
    return 'TLS';
  }
  return (
    codesByErrno[code] ??
    (cause instanceof AggregateError ? classifyPostgresError(cause.errors[0]) : undefined) ??
    driverMessages.find(([, pattern]) => pattern.test(cause.message))?.[0] ??
    'INTERNAL'
  );
}

/** Wraps what was thrown while doing something with Postgres; what is wrapped already is kept. */
export function postgresErrorFrom(cause: unknown, doing: string): PostgresError {
  if (cause instanceof PostgresError) {
    return cause;
  }
  const code = classifyPostgresError(cause);
  const advice = advices[code];
  return new PostgresError(
    code,
    `${doing}: ${plainWords(cause)}${advice === undefined ? '' : `; ${advice}`}`,
    { cause, sqlState: isServerReport(cause) ? cause.code : undefined },
  );
}

const advices: Partial<Record<PostgresErrorCode, string>> = {
  UNREACHABLE: 'check that Postgres runs there and takes connections',
  AUTHENTICATION: 'check user and password',
  TLS: 'check sslmode and sslrootcert of the URL against the server',
  MISSING_DATABASE: 'create it, or name another in the URL',
  DISK_FULL: 'make room on the disk of Postgres',
};

/** An error that the server sent, other than one of the driver or of the network. */
function isServerReport(cause: unknown): cause is Error & { readonly code: string } {
  return (
    cause instanceof Error &&
    'severity' in cause &&
    'code' in cause &&
    typeof cause.code === 'string' &&
    /^[0-9A-Z]{5}$/.test(cause.code)
  );
}

function plainWords(cause: unknown): string {
  if (!(cause instanceof Error)) {
    return redact(String(cause));
  }
  if (cause instanceof AggregateError && cause.message === '') {
    // localhost that has two addresses, and nobody listens on either.
    return redact(cause.errors.map((error) => plainWords(error)).join(', '));
  }
  const detail = 'detail' in cause && typeof cause.detail === 'string' ? ` (${cause.detail})` : '';
  return redact(`${cause.message}${detail}`.replaceAll(/\s*\n\s*/g, ' '));
}

/** Takes the password out of every URL in a text. */
export function redact(text: string): string {
  return text
    .replaceAll(/(\bpostgres(?:ql)?:\/\/[^:@/\s]*):[^@\s]*@/gi, '$1:***@')
    .replaceAll(/([?&\s](?:password|sslpassword)=)[^&\s]*/gi, '$1***');
}
