import { z } from 'zod';

import { checkResultSchema } from '../warehouse-status.ts';

const count = z.int().min(0);

/** The document that `jao-scraper verify --format json` prints. */
export const jaoVerifyReportSchema = z.object({
  /** `failed` where any check failed; then the exit code is 3. */
  outcome: z.enum(['passed', 'failed']),
  checks: z.array(checkResultSchema),
  /** What was parsed again and compared. */
  datasets: z.array(
    z.object({
      region: z.string(),
      dataset: z.string(),
      days: count,
      payloads: count,
      /** Versions of cells that were compared. */
      cells: count,
    }),
  ),
  /** What differs: all of it counted, some of it listed. */
  differences: z.object({
    count,
    listed: z.array(
      z.object({
        /** The check that found it. */
        check: z.string(),
        /** `core/maxExchanges`; null where it is of no one dataset. */
        dataset: z.string().nullable(),
        businessDay: z.iso.date().nullable(),
        message: z.string(),
      }),
    ),
  }),
});

/** The document of one verification; see {@link jaoVerifyReportSchema}. */
export type JaoVerifyReport = z.infer<typeof jaoVerifyReportSchema>;
