import { z } from 'zod';

const count = z.int().min(0);
const instant = z.iso.datetime();

/** A week as `blog_analysis.outlier_weeks` numbers it: not an ISO week. */
const weekSchema = z.object({ year: z.int(), week: z.int().min(0).max(53) });

/**
 * What is with an expected file; the first that holds.
 *
 * - `present`: its content is in the warehouse.
 * - `not_expected`: the plan excepts it.
 * - `quarantined`: it came, and was refused.
 * - `not_due`: it is not due yet.
 * - `late`: it is due, and within its grace.
 * - `not_provided`: somebody looked for files after it was due, and it was not there.
 * - `not_collected`: nobody has looked since.
 */
export const fileStates = [
  'present',
  'not_expected',
  'quarantined',
  'not_due',
  'late',
  'not_provided',
  'not_collected',
] as const;

/** A member of {@link fileStates}. */
export type FileState = (typeof fileStates)[number];

/** An expected file, and what is with it. Instants are ISO 8601, UTC; days are those it covers. */
export const expectedFileSchema = z.object({
  /** As it is expected, `*` and `?` being those of the plan. */
  name: z.string(),
  firstDay: z.iso.date(),
  lastDay: z.iso.date(),
  state: z.enum(fileStates),
  dueAt: instant,
  /** Since when it is in that state, where that is known. */
  since: instant.nullable(),
  reason: z.string(),
  /** Whether it is past the time that the plan waits for it. */
  isGivenUp: z.boolean(),
});

/** An expected file; see {@link expectedFileSchema}. */
export type ExpectedFile = z.infer<typeof expectedFileSchema>;

/** How many expected files there are in each state. */
export const fileStateCountsSchema = z.record(z.enum(fileStates), count);

/**
 * What follows from the state of an expected file, as configured: it is told of and the exit code is 3, or
 * it is explained.
 */
export const fileActions = ['alert', 'accept'] as const;

/** A member of {@link fileActions}. */
export type FileAction = (typeof fileActions)[number];

/** An expected file, and what follows from its state; `accept` of one that is given up. */
export const coveredFileSchema = expectedFileSchema.extend({
  actions: z.array(z.enum(fileActions)).min(1),
});

/** An expected file, and what follows; see {@link coveredFileSchema}. */
export type CoveredFile = z.infer<typeof coveredFileSchema>;

/** From 0 to 1; null where there is nothing to be counted. */
const share = z.number().min(0).max(1).nullable();

/**
 * How complete a day is by the files that are expected of it: a row of `votes-ingest coverage
 * --completeness`. A file of several days counts on each of them. `files` is the sum of all states.
 */
export const fileCompletenessRowSchema = z.object({
  dataset: z.string(),
  day: z.iso.date(),
  files: z.int().min(1),
  present: count,
  notExpected: count,
  quarantined: count,
  notDue: count,
  late: count,
  notProvided: count,
  notCollected: count,
  /** present / (files - notExpected - notDue) */
  completeness: share,
  /** (present + quarantined) / (files - notExpected - notDue - notProvided): what came, of what the source had. */
  collectionRate: share,
});

/** The completeness of a day; see {@link fileCompletenessRowSchema}. */
export type FileCompletenessRow = z.infer<typeof fileCompletenessRowSchema>;

/** The document that `votes-ingest coverage --format json` prints. Days and weeks are in UTC. */
export const votesCoverageSchema = z.object({
  /** As of when: now, or the past time that was asked for. */
  at: instant,
  /** `short` exactly when an action of a file is `alert`: exit code 3. */
  outcome: z.enum(['complete', 'short']),
  days: z.object({
    first: z.iso.date().nullable(),
    last: z.iso.date().nullable(),
    /** Days with votes. */
    observed: count,
    /** Days without votes between the first and the last. */
    missing: count,
    /** Days without votes that are due by the plan of arrivals and after the last; null without a plan. */
    dueAfter: count.nullable(),
    /** Those days as ranges, in order. */
    gaps: z.array(z.object({ first: z.iso.date(), last: z.iso.date(), days: count })),
  }),
  weeks: z.object({
    first: weekSchema.nullable(),
    last: weekSchema.nullable(),
    observed: count,
    missing: count,
    /** Weeks without votes that have such days. */
    dueAfter: count.nullable(),
  }),
  /** The plan of arrivals as it is configured: null where nothing is expected. */
  arrivals: z
    .object({
      file: z.string(),
      byState: fileStateCountsSchema,
      /** Of all these files, as of a day in {@link fileCompletenessRowSchema}. */
      completeness: share,
      collectionRate: share,
    })
    .nullable(),
  /** All expected files, in the order of their days. */
  files: z.array(coveredFileSchema),
});

/** What of the votes is there, and what is missing; see {@link votesCoverageSchema}. */
export type VotesCoverage = z.infer<typeof votesCoverageSchema>;

/** What the status file tells of expected files. */
export const arrivalStatusSchema = z.object({
  /** The pattern of their names. */
  file: z.string(),
  /** When the states were found. */
  at: instant,
  byState: fileStateCountsSchema,
  /** Those that are due and not there, neither given up nor accepted by a setting: the oldest 100. */
  missing: z.array(expectedFileSchema),
  /** The next one that is due; null where none is expected any more. */
  next: z.object({ name: z.string(), dueAt: instant, missingAt: instant }).nullable(),
});

/** What the status file tells of expected files; see {@link arrivalStatusSchema}. */
export type ArrivalStatus = z.infer<typeof arrivalStatusSchema>;
