import { z } from 'zod';

import { checkActions } from './severity.ts';

const count = z.int().min(0);
const percent = z.number().min(0).max(100);
const bound = z.union([z.number(), z.string()]);

/** What a level of a kind of check is made of; which of them fits is for `configureSuite` to say. */
export const levelForms = {
  threshold: z.union([z.strictObject({ count }), z.strictObject({ percent })]),
  bounds: z
    .strictObject({ min: bound.optional(), max: bound.optional() })
    .refine(({ min, max }) => min !== undefined || max !== undefined),
  tolerance: z.union([
    z.strictObject({ absolute: z.number().min(0) }),
    z.strictObject({ percent: z.number().min(0) }),
  ]),
  lateness: z.union([
    z.strictObject({ deadline: z.strictObject({ graceMs: count }) }),
    z.strictObject({ maxAgeMs: count }),
  ]),
  slots: z.strictObject({ count }),
  deviations: z.strictObject({ deviations: z.number().positive() }),
} as const;

/** A member of {@link levelForms}. */
export type LevelForm = keyof typeof levelForms;

const levelSchema = z.union(
  [
    levelForms.threshold,
    levelForms.bounds,
    levelForms.tolerance,
    levelForms.lateness,
    levelForms.deviations,
  ],
  {
    error:
      'must be null or a level such as {"count": 10}, {"percent": 0.5}, or {"min": 1, "max": 5}',
  },
);

const overrideSchema = z.union(
  [
    z.strictObject({ off: z.literal(true) }),
    z.strictObject({
      warn: levelSchema.nullable().optional(),
      error: levelSchema.nullable().optional(),
      action: z.enum(checkActions).optional(),
    }),
  ],
  {
    error:
      'must be {"off": true}, or have levels "warn" and "error" (such as {"count": 10} or {"percent": 0.5}; null is none) and an "action" (warn, quarantine or refuse)',
  },
);

/**
 * What a user says of checks, by their ids: that one does not run, or what its levels and its action are.
 * What is absent is as declared; a level of null is none.
 */
export const checkOverridesSchema = z.record(z.string(), overrideSchema);

/** What a user says of checks; see {@link checkOverridesSchema}. */
export type CheckOverrides = z.infer<typeof checkOverridesSchema>;

/** What a user says of one check. */
export type CheckOverride = CheckOverrides[string];
