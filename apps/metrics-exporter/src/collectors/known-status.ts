import { warehouseStatusSchema } from '@sluice/schemas';
import { z } from 'zod';

// The writer's own bounds.
const maxRuns = 50;
const maxFiles = 100;
/** Two results for each check of a suite that has dozens. */
const maxChecks = 1000;
/** The contract of votes has a dozen; each is a series. */
const maxReasons = 100;

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
      .refine((byReason) => Object.keys(byReason).length <= maxReasons, {
        error: `more than ${String(maxReasons)} reasons`,
        abort: true,
      })
      .pipe(whole.openQuarantine.shape.byReason),
  }),
  checks: boundedList(whole.checks.element, maxChecks),
  quality: boundedList(whole.quality.unwrap().element, maxChecks).optional(),
  arrivals: whole.arrivals.unwrap().omit({ missing: true }).optional(),
  runs: boundedList(
    run.omit({ drift: true }).extend({ files: boundedList(run.shape.files.element, maxFiles) }),
    maxRuns,
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
