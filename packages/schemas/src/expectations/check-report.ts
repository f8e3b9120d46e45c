import { z } from 'zod';

import { qualityResultSchema } from './quality-result.ts';

/** The document that the command `check` of an app prints with `--format json`. */
export const checkReportSchema = z.object({
  runId: z.uuid(),
  /** `failed` exactly when a check failed or could not be evaluated: exit code 3. */
  outcome: z.enum(['succeeded', 'failed']),
  /** In the order in which the checks are declared. */
  results: z.array(qualityResultSchema),
  durationMs: z.number().min(0),
});

/** The document of one run of checks; see {@link checkReportSchema}. */
export type CheckReport = z.infer<typeof checkReportSchema>;
