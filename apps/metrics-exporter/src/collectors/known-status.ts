import { warehouseStatusLimits, warehouseStatusSchema } from '@sluice/schemas';
import { z } from 'zod';

const limits = warehouseStatusLimits;
const whole = warehouseStatusSchema.shape;
const run = whole.runs.element;

/**
 * What is read of a status file. It accepts what `warehouseStatusSchema` accepts, within bounds, and looks at
 * nothing that is not told: a file can be hostile, and each fault that is found in it costs memory.
 */
export const knownStatusSchema = warehouseStatusSchema.omit({ quarantine: true }).extend({
  openQuarantine: whole.openQuarantine.extend({
    byReason: z
      .record(z.string(), z.unknown())
      .refine((byReason) => Object.keys(byReason).length <= limits.reasons, {
        error: `more than ${String(limits.reasons)} reasons`,
        abort: true,
      })
      .pipe(whole.openQuarantine.shape.byReason),
  }),
  checks: boundedList(whole.checks.element, limits.checks),
  quality: boundedList(whole.quality.unwrap().element, limits.checks).optional(),
  arrivals: whole.arrivals.unwrap().omit({ missing: true }).optional(),
  runs: boundedList(
    run
      .omit({ drift: true, leftOut: true })
      .extend({ files: boundedList(run.shape.files.element, limits.filesPerRun) }),
    limits.runs,
  ),
});

/** See {@link knownStatusSchema}. */
export type KnownStatus = z.infer<typeof knownStatusSchema>;

/** A list that is measured before its items are looked at, up to the first fault. */
function boundedList<Item extends z.ZodType>(item: Item, maxLength: number) {
  return z
    .array(z.unknown())
    .max(maxLength, { abort: true })
    .transform((found, context) => {
      const items: z.output<Item>[] = [];
      for (const [index, value] of found.entries()) {
        const parsed = item.safeParse(value);
        if (!parsed.success) {
          const [issue] = parsed.error.issues;
          context.addIssue({
            code: 'custom',
            path: [index, ...(issue?.path ?? [])],
            message: issue?.message ?? 'not as expected',
          });
          return z.NEVER;
        }
        items.push(parsed.data);
      }
      return items;
    });
}
