import { z } from 'zod';

import { parseUtcTimestamp } from '../utc-timestamp.ts';
import { checkActions } from './severity.ts';

const count = z.int({ error: 'must be a whole number of 0 or more' }).min(0);
const finite = z.number({ error: 'must be a finite number' });
const share = z.number({ error: 'must be a finite number of 0 or more' }).min(0);
const bound = z.union([finite, z.string()], { error: 'must be a number, or a time as text' });
const time = z.string().refine((text) => parseUtcTimestamp(text) !== undefined);
const deadline = z.strictObject(
  { graceMs: count },
  { error: 'must be {"graceMs": n}, in milliseconds' },
);
const deviations = z.number({ error: 'must be a finite number above 0' }).positive();

/** What a level of a kind of check is made of; which of them fits is for `configureSuite` to say. */
export const levelForms = {
  threshold: z.union([z.strictObject({ count }), z.strictObject({ percent: share.max(100) })]),
  bounds: z.strictObject({ min: finite.optional(), max: finite.optional() }),
  times: z.strictObject({ min: time.optional(), max: time.optional() }),
  tolerance: z.union([z.strictObject({ absolute: share }), z.strictObject({ percent: share })]),
  lateness: z.union([z.strictObject({ deadline }), z.strictObject({ maxAgeMs: count })]),
  slots: z.strictObject({ count }),
  deviations: z.strictObject({ deviations }),
} as const;

/** A member of {@link levelForms}. */
export type LevelForm = keyof typeof levelForms;

/** A level of any kind: each of its members says by itself what is wrong with it. */
const levelSchema = z
  .strictObject(
    {
      count: count.optional(),
      percent: share.optional(),
      min: bound.optional(),
      max: bound.optional(),
      absolute: share.optional(),
      deadline: deadline.optional(),
      maxAgeMs: count.optional(),
      deviations: deviations.optional(),
    },
    { error: objectWords('must be null or a level such as {"count": 10}') },
  )
  .refine((level) => Object.keys(level).length === 1 || isInterval(level), {
    error: 'must be one limit, such as {"count": 10}, {"percent": 0.5}, or {"min": 1, "max": 5}',
    when: ({ issues }) => issues.length === 0,
  });

const overrideSchema = z
  .strictObject(
    {
      off: z.literal(true, { error: 'must be true' }).optional(),
      warn: levelSchema.nullable().optional(),
      error: levelSchema.nullable().optional(),
      action: z.enum(checkActions, { error: 'must be warn, quarantine or refuse' }).optional(),
    },
    {
      error: objectWords(
        'must be {"off": true}, or have levels "warn" and "error" (such as {"count": 10} or {"percent": 0.5}; null is none) and an "action" (warn, quarantine or refuse)',
      ),
    },
  )
  .transform(({ off, ...levels }, context) => {
    if (off === undefined) {
      return levels;
    }
    if (Object.keys(levels).length > 0) {
      context.addIssue('off: it stands alone, as nothing follows from a check that is off');
    }
    return { off };
  });

/**
 * What a user says of checks, by their ids: that one does not run, or what its levels and its action are.
 * What is absent is as declared; a level of null is none.
 */
export const checkOverridesSchema = z.record(z.string(), overrideSchema);

/** What a user says of checks; see {@link checkOverridesSchema}. */
export type CheckOverrides = z.infer<typeof checkOverridesSchema>;

/** What a user says of one check. */
export type CheckOverride = CheckOverrides[string];

function isInterval(level: object): boolean {
  return Object.keys(level).length === 2 && 'min' in level && 'max' in level;
}

/** Says which member there is not; of what is no object, what it must be. */
function objectWords(otherwise: string) {
  return (issue: z.core.$ZodRawIssue): string =>
    issue.code === 'unrecognized_keys'
      ? `there is no member ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}; it ${otherwise}`
      : otherwise;
}
