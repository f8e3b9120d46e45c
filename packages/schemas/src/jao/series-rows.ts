import { z } from 'zod';

/**
 * What a first version was: `observed` when it was published, or `backfilled` long after, so that
 * nobody knows what was known before.
 */
export const vintages = ['observed', 'backfilled'] as const;

/** A member of {@link vintages}. */
export type Vintage = (typeof vintages)[number];

/**
 * The state of a cell: one series × one delivery period that the calendar says should exist. The
 * first that applies, in this order.
 *
 * - `present`: it has a value.
 * - `not_expected`: the dataset has no such cell.
 * - `withdrawn`: it was there, and the source took it back.
 * - `unavailable`: the source says that there is none, or gave null.
 * - `quarantined`: what the source gave breaks the contract.
 * - `not_due`: before its due time.
 * - `late`: due, and within the grace.
 * - `not_collected`: our fault: no successful attempt ended after the due time.
 * - `not_provided`: the source's fault: there was such an attempt, and no value.
 */
export const coverageStates = [
  'present',
  'not_expected',
  'withdrawn',
  'unavailable',
  'quarantined',
  'not_due',
  'late',
  'not_collected',
  'not_provided',
] as const;

/** A member of {@link coverageStates}. */
export type CoverageState = (typeof coverageStates)[number];

/**
 * What follows from a state, as configured by dataset.
 *
 * - `re-ask`: `watch` asks for the day again.
 * - `alert`: the cells count as short.
 * - `accept`: they are explained.
 */
export const coverageActions = ['re-ask', 'alert', 'accept'] as const;

/** A member of {@link coverageActions}. */
export type CoverageAction = (typeof coverageActions)[number];

const seriesKey = { region: z.string(), dataset: z.string(), key: z.string() };

/** One cell as it is known now, or was at a time: a row of `jao.latest` and of `jao.as_of`. */
export const latestRowSchema = z.object({
  ...seriesKey,
  unit: z.string(),
  deliveryStart: z.iso.datetime(),
  deliveryEnd: z.iso.datetime(),
  businessDay: z.iso.date(),
  /** Null is what the source gave. */
  value: z.number().nullable(),
  knownFrom: z.iso.datetime(),
  /** Numbers the cell's versions from 1. */
  revision: z.int().min(1),
  vintage: z.enum(vintages),
});

/** One cell; see {@link latestRowSchema}. */
export type LatestRow = z.infer<typeof latestRowSchema>;

/** One change of a cell after its first version: a row of `jao.revision`. */
export const revisionRowSchema = z.object({
  ...seriesKey,
  deliveryStart: z.iso.datetime(),
  /** 2 is the first change. */
  revision: z.int().min(2),
  oldValue: z.number().nullable(),
  newValue: z.number().nullable(),
  /** Whether the change took the cell back; then `newValue` is null. */
  withdrawn: z.boolean(),
  /** When we learned it. */
  knownFrom: z.iso.datetime(),
});

/** One change of a cell; see {@link revisionRowSchema}. */
export type RevisionRow = z.infer<typeof revisionRowSchema>;

/** A run of cells of one key in one state: a row of `jao.coverage`, and what follows from it. */
export const coverageRowSchema = z.object({
  ...seriesKey,
  /** Null where the dataset has no series yet: the row stands for the whole day. */
  key: z.string().nullable(),
  businessDay: z.iso.date(),
  state: z.enum(coverageStates),
  /** The range is half-open. */
  deliveryStart: z.iso.datetime(),
  deliveryEnd: z.iso.datetime(),
  cells: z.int().min(1),
  dueAt: z.iso.datetime().nullable(),
  /** Since when the cells are in the state, where that is known. */
  since: z.iso.datetime().nullable(),
  /** What the state follows from, in words. */
  reason: z.string().nullable(),
  /** What follows from it, as configured; see {@link coverageActions}. */
  actions: z.array(z.enum(coverageActions)).min(1),
});

/** A run of cells; see {@link coverageRowSchema}. */
export type CoverageRow = z.infer<typeof coverageRowSchema>;

/** From 0 to 1; null where there is nothing to be counted. */
const share = z.number().min(0).max(1).nullable();

/** How much of a dataset is in one state: a row of `jao-scraper coverage --summary`. */
export const coverageSummaryRowSchema = z.object({
  region: z.string(),
  dataset: z.string(),
  state: z.enum(coverageStates),
  cells: z.int().min(1),
  /** 0 where the dataset has no series yet. */
  keys: z.int().min(0),
  firstBusinessDay: z.iso.date(),
  lastBusinessDay: z.iso.date(),
  /** What follows from the state, as configured. */
  actions: z.array(z.enum(coverageActions)).min(1),
  /** Of the whole dataset in the period, whatever the row is about; see {@link completenessRowSchema}. */
  completeness: share,
  collectionRate: share,
});

/** How much of a dataset is in one state; see {@link coverageSummaryRowSchema}. */
export type CoverageSummaryRow = z.infer<typeof coverageSummaryRowSchema>;

const count = z.int().min(0);

/**
 * How complete a business day of a dataset is: a row of `jao.completeness`, and of `jao-scraper coverage
 * --completeness`. Counts are cells; `cells` is the sum of those of all states.
 */
export const completenessRowSchema = z.object({
  region: z.string(),
  dataset: z.string(),
  businessDay: z.iso.date(),
  cells: z.int().min(1),
  present: count,
  notExpected: count,
  withdrawn: count,
  unavailable: count,
  quarantined: count,
  notDue: count,
  late: count,
  notCollected: count,
  notProvided: count,
  /** present / (cells - notExpected - unavailable - notDue) */
  completeness: share,
  /** (present + withdrawn + quarantined) / (cells - notExpected - unavailable - notDue - notProvided) */
  collectionRate: share,
});

/** The completeness of a day; see {@link completenessRowSchema}. */
export type CompletenessRow = z.infer<typeof completenessRowSchema>;
