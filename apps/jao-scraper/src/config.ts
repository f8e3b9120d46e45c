import { durationSchema } from '@sluice/command-line';
import type { ConfigSource, SettingSource } from '@sluice/command-line';
import { z } from 'zod';

import { coverageActionsSchema } from './cell-coverage/coverage-actions.ts';
import { checkSettingsSchema } from './checks/check-settings.ts';
import type { RecheckRung } from './watch/next-ask.ts';

const mebibyte = 2 ** 20;

/** Of all requests that are out at once, each may hold as much as `maxResponseBytes`. */
const maxConcurrency = 64;

/** A hundred a second: more than any service would bear, for a local one there is 0. */
const maxRequestsPerMinute = 6_000;

/** Half of the time between the due times of two days. */
const maxPollLeadMs = 12 * 3_600_000;

/** With pauses of up to an hour, that is more than a month. */
const maxWebhookTries = 1_000;

/** No text in V8 is longer. */
const maxMaxResponseBytes = 512 * mebibyte;

/** What is wrong is never quoted here: it may hold a password. */
const databaseUrlSchema = z
  .string()
  .refine((text) => ['postgres:', 'postgresql:'].includes(URL.parse(text)?.protocol ?? ''), {
    error: 'must be a URL such as postgres://user:password@host:5432/database',
  });

/** The service's origin, `https://host:port`: it is the allow-list of what is asked. */
const originSchema = z.string().transform((text, context) => {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    context.addIssue('must be an http or https origin such as https://publicationtool.jao.eu');
    return z.NEVER;
  }
  if (url.username !== '' || url.password !== '') {
    context.addIssue('must hold no user and no password');
    return z.NEVER;
  }
  if (url.href !== `${url.origin}/`) {
    context.addIssue('must be an origin, without path, query and fragment');
    return z.NEVER;
  }
  return url.origin;
});

/** Goes into a comment of the User-Agent, which ends at a parenthesis. */
const contactSchema = z
  .union([z.email(), z.url({ protocol: /^https?$/ })], 'must be an e-mail address or a URL')
  .pipe(
    z
      .string()
      .max(200)
      .regex(
        /^[!-'*-[\]-~]+$/,
        'must be printable ASCII without blanks, parentheses and backslashes',
      ),
  );

/** What it is told is signed, but whoever knows it may be told more: it is shown nowhere. */
const webhookUrlSchema = z.string().transform((text, context) => {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    context.addIssue('must be an http or https URL');
    return z.NEVER;
  }
  if (url.username !== '' || url.password !== '' || url.hash !== '') {
    context.addIssue('must hold no user, no password and no fragment');
    return z.NEVER;
  }
  return url.href;
});

const timeoutSchema = durationSchema.pipe(z.int().min(1, 'must be longer than nothing'));

/** `1h:2d,1d:30d`: every hour until two days after the due time, then every day until thirty. */
const recheckSchema = z.string().transform((text, context): readonly RecheckRung[] => {
  const rungs = text.split(',').map((part) => {
    const [everyMs, untilAgeMs] = part.split(':').map(readSpan);
    return { everyMs: everyMs ?? 0, untilAgeMs: untilAgeMs ?? 0 };
  });
  const isAscending = rungs.every(
    ({ everyMs, untilAgeMs }, index) =>
      everyMs >= 60_000 && untilAgeMs > (rungs[index - 1]?.untilAgeMs ?? 0),
  );
  if (!isAscending) {
    context.addIssue('must be rungs such as 1h:2d,1d:30d, of at least 1m each and of rising age');
    return z.NEVER;
  }
  return rungs;
});

const listenSchema = z.string().transform((text, context) => {
  const match = /^(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text);
  const [, address, name, port] = match ?? [];
  const host = address ?? name;
  if (host === undefined || Number(port) > 65_535) {
    context.addIssue('must be an address and a port such as 127.0.0.1:9465 or [::]:9465');
    return z.NEVER;
  }
  return { host, port: Number(port) };
});

const configSchema = z.strictObject({
  databaseUrl: databaseUrlSchema.optional(),
  home: z.string().min(1).default('.sluice'),
  databaseWait: durationSchema.prefault('60s'),
  baseUrl: originSchema.prefault('https://publicationtool.jao.eu'),
  requestsPerMinute: wholeNumberSchema(0, maxRequestsPerMinute).prefault('80'),
  userAgentContact: contactSchema.optional(),
  concurrency: wholeNumberSchema(1, maxConcurrency).prefault('4'),
  maxResponseBytes: wholeNumberSchema(1, maxMaxResponseBytes).prefault(String(8 * mebibyte)),
  connectTimeout: timeoutSchema.prefault('10s'),
  headersTimeout: timeoutSchema.prefault('30s'),
  responseTimeout: timeoutSchema.prefault('120s'),
  pollEvery: durationSchema.pipe(z.int().min(1_000, 'must be at least 1s')).prefault('30s'),
  pollLead: durationSchema.pipe(z.int().max(maxPollLeadMs, 'must be at most 12h')).prefault('1h'),
  recheck: recheckSchema.prefault('1h:2d,1d:30d'),
  listen: listenSchema.prefault('127.0.0.1:9465'),
  gracePeriod: timeoutSchema.prefault('25s'),
  webhookUrl: webhookUrlSchema.optional(),
  webhookSecret: z.string().min(1).optional(),
  webhookSecretFile: z.string().min(1).optional(),
  webhookTimeout: timeoutSchema.prefault('15s'),
  webhookTries: wholeNumberSchema(1, maxWebhookTries).prefault('30'),
  webhookPause: durationSchema.prefault('5s'),
  eventRetention: durationSchema.prefault('168h'),
  revision: z
    .string()
    .regex(/^[\w.+-]{1,64}$/, 'must be the name of a commit: at most 64 letters, digits, _ . + -')
    .default('unknown'),
  checks: checkSettingsSchema.default({}),
  coverageActions: coverageActionsSchema.prefault({}),
});

/** The settings of a command, parsed. Durations are in milliseconds. */
export type Config = Readonly<z.infer<typeof configSchema>>;

/**
 * The settings of every command: flags over environment over file. Each names its environment
 * variable and, where it has one, its flag; in the file it has the member's name here. What is said of
 * checks, and what follows from the states of coverage, is in the file alone: `checks` and
 * `coverageActions`.
 */
export const settings = {
  /** The Postgres to use; without it one of the app's own is started, or joined. */
  databaseUrl: { flag: '--database-url', variable: 'DATABASE_URL' },
  /** The folder of that Postgres. */
  home: { flag: '--home', variable: 'SLUICE_HOME' },
  /** How long to wait for a database that is away, at the start and in mid-run. */
  databaseWait: { flag: '--database-wait', variable: 'JAO_DATABASE_WAIT' },
  /** The service's origin; nothing else is asked, redirects included. */
  baseUrl: { flag: '--base-url', variable: 'JAO_BASE_URL' },
  /** The pace that all processes on one database share; 0 is no limit. */
  requestsPerMinute: { flag: '--requests-per-minute', variable: 'JAO_REQUESTS_PER_MINUTE' },
  /** Who the operator of the service can reach: part of the User-Agent. */
  userAgentContact: { flag: '--contact', variable: 'JAO_USER_AGENT_CONTACT' },
  /** Requests of one process that are out at once. */
  concurrency: { flag: '--concurrency', variable: 'JAO_CONCURRENCY' },
  /** The largest response that is read, in bytes after decompression. */
  maxResponseBytes: { variable: 'JAO_MAX_RESPONSE_BYTES' },
  /** Deadline for the connection, TLS included. */
  connectTimeout: { variable: 'JAO_CONNECT_TIMEOUT' },
  /** Deadline for the response's head. */
  headersTimeout: { variable: 'JAO_HEADERS_TIMEOUT' },
  /** Deadline for the whole response. */
  responseTimeout: { variable: 'JAO_RESPONSE_TIMEOUT' },
  /** How often `watch` asks for a day around its due time. */
  pollEvery: { flag: '--poll-every', variable: 'JAO_POLL_EVERY' },
  /** From how long before its due time on `watch` asks for a day. */
  pollLead: { flag: '--poll-lead', variable: 'JAO_POLL_LEAD' },
  /** How often `watch` asks for a published day again, and up to which age. */
  recheck: { flag: '--recheck', variable: 'JAO_RECHECK' },
  /** Where `watch` answers probes, and shows its metrics. */
  listen: { flag: '--listen', variable: 'JAO_LISTEN' },
  /** How long `watch` or `backfill` may take to stop. */
  gracePeriod: { flag: '--grace-period', variable: 'JAO_GRACE_PERIOD' },
  /** Where `watch` delivers events to. */
  webhookUrl: { flag: '--webhook-url', variable: 'JAO_WEBHOOK_URL' },
  /** What deliveries are signed with. */
  webhookSecret: { variable: 'JAO_WEBHOOK_SECRET' },
  /** The file that has it, instead. */
  webhookSecretFile: { variable: 'JAO_WEBHOOK_SECRET_FILE' },
  /** Deadline for a delivery, from the connection to the answer. */
  webhookTimeout: { variable: 'JAO_WEBHOOK_TIMEOUT' },
  /** How often an event is sent before it is given up. */
  webhookTries: { variable: 'JAO_WEBHOOK_TRIES' },
  /** The first pause before it is sent again, at most; it doubles each time, up to an hour. */
  webhookPause: { variable: 'JAO_WEBHOOK_PAUSE' },
  /** How long events are kept that were delivered. */
  eventRetention: { variable: 'JAO_EVENT_RETENTION' },
  /** The commit that the app was built from, for its metrics; images have it. */
  revision: { variable: 'SLUICE_REVISION' },
} as const satisfies Readonly<
  Record<Exclude<keyof Config, 'checks' | 'coverageActions'>, SettingSource>
>;

/** Where the settings of every command come from. */
export const configSource: ConfigSource<Config> = {
  settings,
  schema: configSchema,
  defaultFile: 'jao-scraper.config.json',
  fileVariable: 'JAO_CONFIG',
};

const millisecondsPer: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function readSpan(text: string): number | undefined {
  const match = /^(\d{1,4})([mhd])$/.exec(text.trim());
  const factor = millisecondsPer[match?.[2] ?? ''];
  return factor === undefined ? undefined : Number(match?.[1]) * factor;
}

function wholeNumberSchema(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, error)
    .transform(Number)
    .pipe(z.int().min(min, error).max(max, error));
}
