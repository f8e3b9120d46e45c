import { z } from 'zod';

/** One absence: a row of `jao.absence`, and of `jao-scraper absence list`. */
export const absenceRowSchema = z.object({
  absenceId: z.int().min(1),
  region: z.string(),
  dataset: z.string(),
  /** Null is every key. */
  keys: z.array(z.string()).min(1).nullable(),
  /** Delivery starts from here on, up to the end, which is no longer one of them. */
  periodStart: z.iso.datetime(),
  periodEnd: z.iso.datetime(),
  reason: z.string().min(1),
  evidence: z.string().min(1),
  recordedBy: z.string(),
  /** From when on it is known. */
  knownFrom: z.iso.datetime(),
  /** Null while it holds; so are the two that follow. */
  withdrawnAt: z.iso.datetime().nullable(),
  withdrawnBy: z.string().nullable(),
  withdrawalReason: z.string().nullable(),
});

/** One absence; see {@link absenceRowSchema}. */
export type AbsenceRow = z.infer<typeof absenceRowSchema>;
