import { z } from 'zod';

import { checkResultSchema } from './warehouse-status.ts';

/** The document that `votes-ingest verify --format json` prints. */
export const verifyReportSchema = z.object({
  /** `failed` where any check failed; then the exit code is 3. */
  outcome: z.enum(['passed', 'failed']),
  checks: z.array(checkResultSchema),
});

/** The document of one verification; see {@link verifyReportSchema}. */
export type VerifyReport = z.infer<typeof verifyReportSchema>;
