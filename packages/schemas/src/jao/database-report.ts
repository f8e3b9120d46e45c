import { z } from 'zod';

const count = z.int().min(0);

/** How far a component's tables have come in a database. */
const componentSchema = z.object({
  /** `ops`, or the app that owns the tables. */
  component: z.string(),
  /** The highest version that was applied; 0 where none was. */
  applied: count,
  /** The highest version that this app knows; less than `applied` where a newer app was here. */
  newest: count,
});

/** A service that is asked, as all processes on the database share it. */
const originSchema = z.object({
  /** Scheme, host and port. */
  origin: z.string(),
  /** The pace of this configuration, 0 being no limit; null of a service that it does not ask. */
  requestsPerMinute: count.nullable(),
  /** Requests that were ever paced. */
  requests: count,
  /** It wants nobody to ask before; null where it may be asked now. */
  pausedUntil: z.iso.datetime().nullable(),
  /** The attempt whose answer said so; null where it may be asked, or no such attempt is on record. */
  pausedBy: z
    .object({
      attemptId: count,
      /** `core/maxExchanges` */
      dataset: z.string(),
      businessDay: z.iso.date().nullable(),
      httpStatus: z.int().nullable(),
      /** What the answer asked for, capped. */
      retryAfterMs: count,
    })
    .nullable(),
});

/** The document that `jao-scraper database status --format json` prints. */
export const databaseStatusSchema = z.object({
  /** Host, port and name, without a password. */
  database: z.string(),
  /** Who asked. */
  user: z.string(),
  /** Whether the server is the app's own. */
  isEmbedded: z.boolean(),
  serverVersion: z.string(),
  sizeBytes: count,
  /** The version of the extension; null where the database has it not. */
  timescaleDb: z.string().nullable(),
  /** Whether the server could give the extension to a database. */
  isTimescaleDbAvailable: z.boolean(),
  /** How the versions are kept; null where there is no table for them yet. */
  storage: z.enum(['partitions', 'hypertable']).nullable(),
  /** Null where the user may not see it. */
  schema: z
    .array(
      componentSchema.extend({
        /** What `database migrate` would apply, by name. */
        pending: z.array(z.string()),
        /** Whether the roles' rights are those of this app, or of a newer one. */
        isGranted: z.boolean(),
      }),
    )
    .nullable(),
  roles: z.array(z.object({ name: z.string(), isPresent: z.boolean() })),
  /** Null where the user may not see it, or there is no table of it yet. */
  origins: z.array(originSchema).nullable(),
  /**
   * What somebody who may create roles, or owns the database, has to run: roles are missing, or
   * readers can make temporary tables. Null where all is as it should be.
   */
  missingRolesSql: z.string().nullable(),
  /** Of the table of versions, oldest first; bounds are half-open, rows an estimate. */
  partitions: z.array(
    z.object({
      name: z.string(),
      from: z.iso.datetime(),
      to: z.iso.datetime(),
      rows: count.nullable(),
      sizeBytes: count,
    }),
  ),
});

/** The state of a database; see {@link databaseStatusSchema}. */
export type DatabaseStatus = z.infer<typeof databaseStatusSchema>;

/** The document that `jao-scraper database migrate --format json` prints. */
export const databaseMigrateReportSchema = z.array(
  componentSchema.omit({ newest: true }).extend({
    /** The highest version that was applied before. */
    before: count,
    /** What was applied now, by name and in this order. */
    migrations: z.array(z.string()),
  }),
);

/** What a migration did; see {@link databaseMigrateReportSchema}. */
export type DatabaseMigrateReport = z.infer<typeof databaseMigrateReportSchema>;

/** The document that `jao-scraper database rebuild-coverage --format json` prints: one entry per dataset. */
export const coverageRebuildReportSchema = z.array(
  z.object({
    region: z.string(),
    dataset: z.string(),
    /** Business days that have a cell. */
    days: count,
    /** Rows of `jao.day_range`. */
    ranges: count,
    /** Days of which something else was kept. */
    changedDays: count,
  }),
);

/** What was kept otherwise; see {@link coverageRebuildReportSchema}. */
export type CoverageRebuildReport = z.infer<typeof coverageRebuildReportSchema>;
