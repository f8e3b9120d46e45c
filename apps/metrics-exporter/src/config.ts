import { durationSchema } from '@sluice/command-line';
import type { ConfigSource, SettingSource } from '@sluice/command-line';
import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';

/** What is wrong is never quoted here: it may hold a password. */
const databaseUrlSchema = z
  .string()
  .refine((text) => ['postgres:', 'postgresql:'].includes(URL.parse(text)?.protocol ?? ''), {
    error: 'must be a URL such as postgres://user:password@host:5432/database',
  });

/** From a flag that may be repeated, a list in the file, or texts with commas between them. */
const pathsSchema = z
  .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
  .transform((paths) => paths.map((path) => path.trim()).filter((path) => path !== ''))
  .superRefine((paths, context) => {
    const realPaths = paths.map(realPathOf);
    const doubled = paths.find((_, index) => realPaths.indexOf(realPaths[index] ?? '') < index);
    if (doubled !== undefined) {
      context.addIssue(`must name each file once: ${doubled} is named twice`);
    }
  });

/** How often a run of a job is to end well. */
export interface JobInterval {
  /** As `sluice_job_last_success_timestamp_seconds` has it. */
  readonly jobName: string;
  readonly intervalMs: number;
}

const intervalMsSchema = durationSchema.pipe(z.int().min(1_000, 'must be at least 1s'));

/** Texts such as `votes-ingest=24h`, with commas between them or as a list; in the file also an object. */
const jobIntervalsSchema = z
  .union([
    z.string().transform((text) => [text]),
    z.array(z.string()),
    z.record(z.string().min(1), intervalMsSchema),
  ])
  .transform((given, context): readonly JobInterval[] =>
    Array.isArray(given)
      ? given
          .flatMap((text) => text.split(','))
          .filter((text) => text.trim() !== '')
          .map((text) => parseJobInterval(text, context))
      : Object.entries(given).map(([jobName, intervalMs]) => ({ jobName, intervalMs })),
  )
  .refine((jobs) => new Set(jobs.map(({ jobName }) => jobName)).size === jobs.length, {
    error: 'must name each job once',
  });

const configSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: wholeNumberSchema(0, 65_535).prefault('9464'),
  databaseUrl: databaseUrlSchema.optional(),
  votesStatus: pathsSchema.default([]),
  jobIntervals: jobIntervalsSchema.default([]),
  maxSeries: wholeNumberSchema(0, 1_000_000).prefault('500'),
  maxScrapes: wholeNumberSchema(1, 10_000).prefault('40'),
  webConfigFile: z.string().min(1).optional(),
  revision: z
    .string()
    .regex(/^[\w.+-]{1,64}$/, 'must be the name of a commit: at most 64 letters, digits, _ . + -')
    .default('unknown'),
});

/** The settings, parsed. */
export type Config = Readonly<z.infer<typeof configSchema>>;

/**
 * Flags over environment over file. Each names its environment variable and its flag; in the file it
 * has the member's name here.
 */
export const settings = {
  /** Where it listens. */
  host: { flag: '--host', variable: 'METRICS_HOST' },
  port: { flag: '--port', variable: 'METRICS_PORT' },
  /** The Postgres that it reads, as the role sluice_metrics; without it none. */
  databaseUrl: { flag: '--database-url', variable: 'DATABASE_URL' },
  /** Status files of votes warehouses. */
  votesStatus: { flag: '--votes-status', variable: 'VOTES_STATUS' },
  /** How often jobs are to end well that something else starts, such as cron. */
  jobIntervals: { flag: '--job-interval', variable: 'METRICS_JOB_INTERVALS' },
  /** Series of a dataset that are told one by one; of a larger one only the dataset is. 0 is no limit. */
  maxSeries: { flag: '--max-series', variable: 'METRICS_MAX_SERIES' },
  /** Scrapes that are answered at once. */
  maxScrapes: { flag: '--max-scrapes', variable: 'METRICS_MAX_SCRAPES' },
  /** TLS, headers and users, in the format of Prometheus' exporter-toolkit. */
  webConfigFile: { flag: '--web.config.file', variable: 'METRICS_WEB_CONFIG_FILE' },
  /** The commit that the app was built from, for its metrics; images have it. */
  revision: { variable: 'SLUICE_REVISION' },
} as const satisfies Readonly<Record<keyof Config, SettingSource>>;

/** Where the settings come from. */
export const configSource: ConfigSource<Config> = {
  settings,
  schema: configSchema,
  defaultFile: 'metrics-exporter.config.json',
  fileVariable: 'METRICS_CONFIG',
};

/** Where links lead; of a file that no run has written yet, those of its folder. */
function realPathOf(path: string): string {
  return (
    followLinks(path) ?? join(followLinks(dirname(path)) ?? resolve(dirname(path)), basename(path))
  );
}

function followLinks(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    // It is not there, or nobody may look: who reads it says so.
    return undefined;
  }
}

function parseJobInterval(text: string, context: z.RefinementCtx): JobInterval {
  const [, jobName = '', interval = ''] = /^([^=]*)=([^=]*)$/.exec(text) ?? [];
  const parsed = intervalMsSchema.safeParse(interval.trim());
  if (jobName.trim() === '' || !parsed.success) {
    context.addIssue(
      `${JSON.stringify(text)} is no job with its interval, such as votes-ingest=24h`,
    );
    return z.NEVER;
  }
  return { jobName: jobName.trim(), intervalMs: parsed.data };
}

function wholeNumberSchema(min: number, max: number) {
  const error = `must be a whole number from ${String(min)} to ${String(max)}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, error)
    .transform(Number)
    .pipe(z.int().min(min, error).max(max, error));
}
