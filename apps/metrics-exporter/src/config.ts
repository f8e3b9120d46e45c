import type { ConfigSource, SettingSource } from '@sluice/command-line';
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
  .transform((paths) => paths.map((path) => path.trim()).filter((path) => path !== ''));

const configSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: wholeNumberSchema(0, 65_535).prefault('9464'),
  databaseUrl: databaseUrlSchema.optional(),
  votesStatus: pathsSchema.default([]),
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

function wholeNumberSchema(min: number, max: number) {
  const error = `must be a whole number from ${String(min)} to ${String(max)}`;
  return z
    .string()
    .regex(/^\d{1,12}$/, error)
    .transform(Number)
    .pipe(z.int().min(min, error).max(max, error));
}
