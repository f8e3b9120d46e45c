import { z } from 'zod';

import type { Expectation } from './expectation.ts';
import { rowKeySchema } from './quality-result.ts';
import { textForms } from './row-expectations.ts';
import { columnTypes } from './table-shape.ts';

const count = z.int().min(0);
/** As in the keys of failing rows: times as ISO 8601 text. */
const value = z.union([z.null(), z.boolean(), z.number(), z.bigint(), z.string()]);
const valueCount = z.object({ value, rows: count });

/** What a column holds. Everything is exact, but the last digits of the mean of doubles. */
export const columnProfileSchema = z.object({
  name: z.string(),
  type: z.enum(columnTypes),
  filled: count,
  nulls: count,
  distinct: count,
  /** NaN and infinities; no part of what follows. */
  notFinite: count,
  min: value,
  max: value,
  /** How many rows have the least value, and the greatest; and the values next to them. */
  minRows: count,
  maxRows: count,
  aboveMin: value,
  belowMax: value,
  /** Seven values that an eighth, two eighths … of the values do not exceed; empty where none are ordered. */
  eighths: z.array(value),
  /** Of numbers. */
  mean: z.number().nullable(),
  zeros: count.nullable(),
  /** The values that most rows have, up to 51 of them; where `distinct` is not more, all. */
  common: z.array(valueCount),
  /** How often the values of each neighbouring pair are so far apart: integers, and milliseconds of times. */
  steps: z.array(z.object({ step: z.number(), times: count })),
  /** Of a text. */
  text: z
    .object({
      minLength: count.nullable(),
      maxLength: count.nullable(),
      /** Rows with a value of a form; forms that none has are absent. */
      forms: z.partialRecord(z.enum(textForms), count),
      /** Rows with what begins as a JSON object or array does. */
      jsonLike: count,
      /**
       * Values with each character put for its kind: 9 a digit, a and A letters, others themselves; up to
       * 201 of them.
       */
      shapes: z.array(
        z.object({ shape: z.string(), rows: count, min: z.string(), max: z.string() }),
      ),
    })
    .nullable(),
  /** Of a time. */
  days: z
    .object({
      first: z.string(),
      last: z.string(),
      /** Days with rows, and days without between the first and the last. */
      observed: count,
      missing: count,
      /** From a day with rows to the next one, at most. */
      widestStepDays: count,
      /** Rows of a day with rows: least, quartiles, most. */
      rowsPerDay: z.array(count).length(5),
      /** By ISO weekday, 1 is Monday: days with rows, and the quartiles of their rows. */
      weekdays: z.array(
        z.object({
          weekday: z.int().min(1).max(7),
          days: count,
          quartiles: z.array(count).length(3),
        }),
      ),
      /** Rows at midnight, and at a full hour, in UTC. */
      atMidnight: count,
      atFullHour: count,
    })
    .nullable(),
});

/** What a column holds; see {@link columnProfileSchema}. */
export type ColumnProfile = z.infer<typeof columnProfileSchema>;

/** What a table holds, as far as expectations can be suggested from it. */
export const tableProfileSchema = z.object({
  rows: count,
  columns: z.array(columnProfileSchema),
  /** Of columns with few values: how many rows each value has, and in how many of them others are filled. */
  splits: z.array(
    z.object({
      column: z.string(),
      values: z.array(
        z.object({
          value,
          rows: count,
          /** In the older half of the rows. */
          olderRows: count,
          filled: z.record(z.string(), count),
        }),
      ),
    }),
  ),
  /** Of columns of numbers: rows up to each of the eighths, of all and of the older half. */
  spreads: z.array(
    z.object({
      column: z.string(),
      rows: count,
      olderRows: count,
      points: z.array(z.object({ value, rows: count, olderRows: count })),
    }),
  ),
  /** Of two columns of one type: rows in which the first is less, equal, or greater. */
  pairs: z.array(
    z.object({ column: z.string(), other: z.string(), less: count, equal: count, greater: count }),
  ),
  /** Smallest sets of columns without a null whose values together no two rows share. */
  keys: z.array(z.array(z.string())),
  /** By which column rows are older or newer, where there is one. */
  timeColumn: z.string().nullable(),
});

/** What a table holds; see {@link tableProfileSchema}. */
export type TableProfile = z.infer<typeof tableProfileSchema>;

/** An expectation that the data itself suggests, and why. */
export const suggestionSchema = z.object({
  /** The declaration, as it goes into a suite; integers beyond 2^53 as text. */
  expectation: z.looseObject({ id: z.string(), kind: z.string() }),
  /** The same as TypeScript, with a comma at its end. */
  code: z.string(),
  /** Why, in words with numbers. */
  evidence: z.string(),
  /** Rows (or slots) that were tested, and those that do not meet it; null where it is no count. */
  tested: count.nullable(),
  exceptions: count.nullable(),
  /**
   * How many percent of rows like these do not meet it, at most: the upper end of Wilson's interval of
   * 95 % for the share of exceptions.
   */
  atMostPercent: z.number().min(0).max(100).nullable(),
  /** Up to five exceptions, by key. */
  examples: z.array(rowKeySchema),
  /** The id of an expectation of the suite that says so already, or `contract`; null where it is new. */
  existing: z.string().nullable(),
});

/** An expectation that the data suggests; see {@link suggestionSchema}. */
export type Suggestion = Omit<z.infer<typeof suggestionSchema>, 'expectation'> & {
  readonly expectation: Expectation;
};
