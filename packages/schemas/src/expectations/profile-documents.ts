import { z } from 'zod';

import { profileReportSchema } from '../profile-report.ts';
import type { ProfileReport } from '../profile-report.ts';
import { columnProfileSchema, suggestionSchema } from './table-profile.ts';
import type { Suggestion } from './table-profile.ts';

const count = z.int().min(0);

/** The document that `votes-ingest profile --suggest --format json` prints. */
export const suggestedProfileSchema = profileReportSchema.extend({
  /** In the order of the columns. */
  suggestions: z.array(suggestionSchema),
});

/** A profile of votes with what it suggests; see {@link suggestedProfileSchema}. */
export type SuggestedProfile = ProfileReport & { readonly suggestions: readonly Suggestion[] };

/** The values of the keys that begin alike: `border_AT_BE` and `border_BE_AT` are of `border`. */
export const keyGroupSchema = z.object({
  /** What stands before the first `_`, or the whole key. */
  group: z.string(),
  keys: count,
  rows: count,
  nulls: count,
  distinct: count,
  min: z.number().nullable(),
  q25: z.number().nullable(),
  median: z.number().nullable(),
  q75: z.number().nullable(),
  max: z.number().nullable(),
  mean: z.number().nullable(),
  zeros: count,
  /** Rows with a value that may stand for a missing one, 0 to 1 of those with a value. */
  sentinelShare: z.number().min(0).max(1),
  /** How many keys a business day has, at least and at most. */
  keysPerDay: z.object({ min: count, max: count }),
  /** The first and the last delivery period, by its beginning in UTC. */
  first: z.string().nullable(),
  last: z.string().nullable(),
});

/** The document that `jao-scraper profile --format json` prints: one for each dataset that was asked for. */
export const seriesProfilesSchema = z.array(
  z.object({
    /** `core/maxExchanges` */
    dataset: z.string(),
    /** Business days, both included. */
    from: z.iso.date(),
    to: z.iso.date(),
    rows: count,
    columns: z.array(columnProfileSchema),
    /** By their number of rows; at most 200 groups. */
    groups: z.array(keyGroupSchema),
    /** With `--suggest`, in the order of the columns. */
    suggestions: z.array(suggestionSchema).optional(),
  }),
);

/** The profile of a dataset; see {@link seriesProfilesSchema}. */
export type SeriesProfile = Omit<z.infer<typeof seriesProfilesSchema>[number], 'suggestions'> & {
  readonly suggestions?: readonly Suggestion[];
};

/** Values of keys that begin alike; see {@link keyGroupSchema}. */
export type KeyGroup = z.infer<typeof keyGroupSchema>;
