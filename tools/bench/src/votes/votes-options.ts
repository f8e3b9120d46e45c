import { z } from 'zod';

import { commonFlags, countSchema, parseFlags } from '../bench-options.ts';
import type { BenchOptions } from '../bench-options.ts';
import type { VotesSizes } from './votes-case.ts';

/** Of a file of about 475 MB. */
const defaultRows = 5e6;
const defaultLargeRows = 10e6;
/** A tenth of the rows overlaps, and there has to be one. */
const rowCount = countSchema({ least: 10, most: 1e9 });

/**
 * Reads the flags of `bench votes` as they were written.
 *
 * @throws {UsageError} naming every flag that is wrong.
 */
export function parseVotesOptions(
  flags: unknown,
  caseIds: readonly string[],
): BenchOptions<VotesSizes> {
  const schema = z.strictObject({
    rows: rowCount.optional(),
    smallRows: rowCount.optional(),
    ...commonFlags(caseIds),
  });
  const { rows, smallRows, only, keep, ...common } = parseFlags(schema, flags);
  const largeRows = rows ?? defaultLargeRows;
  return {
    sizes: {
      rows: rows ?? defaultRows,
      largeRows,
      smallRows: smallRows ?? Math.max(1, Math.round(largeRows / 10)),
    },
    only,
    keeps: keep,
    ...common,
  };
}
