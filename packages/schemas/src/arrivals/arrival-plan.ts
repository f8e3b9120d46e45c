import { z } from 'zod';

import { isCalendarDay } from '../utc-timestamp.ts';

/** How long the time is that one file covers; a week begins on the weekday of the first file's day. */
export const arrivalPeriods = ['day', 'week', 'month'] as const;

const placeholders = { date: '\\d{4}-\\d{2}-\\d{2}', yyyy: '\\d{4}', mm: '\\d{2}', dd: '\\d{2}' };
const millisecondsPer: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const daySchema = z.string().refine(isDay, { error: 'must be a calendar day such as 2021-09-01' });

const longDurationSchema = z.string().transform((text, context) => {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const factor = millisecondsPer[unit];
  if (count === undefined || factor === undefined) {
    context.addIssue('must be a duration such as 30m, 2h or 14d');
    return z.NEVER;
  }
  return Number(count) * factor;
});

/**
 * Which files are expected, and when: as a setting. A file is due on the day after the last day that it
 * covers, `dueDays` days later, at `dueTime` in `zone`; late from then on, missing after `grace`, and
 * given up after `giveUp`. Gives durations in milliseconds.
 */
export const arrivalPlanSchema = z
  .strictObject({
    /**
     * The name of a file, without its folder. `{date}` is a day that it covers, or `{yyyy}`, `{mm}` and
     * `{dd}` are its parts; `*` is any text, `?` any character.
     */
    file: z.string().min(1).max(200),
    every: z.enum(arrivalPeriods).default('day'),
    /** The first day that a file covers. */
    from: daySchema,
    /** The last day on which one begins. @default there is none */
    until: daySchema.optional(),
    /** Days on which no file begins, such as holidays. */
    except: z.array(daySchema).default([]),
    dueTime: z
      .string()
      .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 06:00')
      .default('00:00'),
    dueDays: z.int().min(0).max(366).default(0),
    zone: z.string().default('UTC').refine(isZone, {
      error: 'must be a time zone such as Europe/Amsterdam',
    }),
    grace: longDurationSchema.prefault('0m'),
    giveUp: longDurationSchema.prefault('14d'),
  })
  .superRefine((plan, context) => {
    for (const [path, problem] of problemsOf(plan)) {
      context.addIssue({ code: 'custom', path: [path], message: problem });
    }
  });

/** Which files are expected, parsed; see {@link arrivalPlanSchema}. */
export type ArrivalPlan = Readonly<z.infer<typeof arrivalPlanSchema>>;

/** A name's pattern in parts: texts, and the placeholders among them. */
export function filePattern(file: string): RegExp {
  const source = file.replaceAll(
    /\{(date|yyyy|mm|dd)\}|([*?])|([$()+./[\\\]^{|}-])/g,
    (_, name: keyof typeof placeholders | undefined, wild: string | undefined, meta: string) => {
      if (name !== undefined) {
        return `(?<${name}>${placeholders[name]})`;
      }
      return wild === undefined ? `\\${meta}` : wild === '*' ? '.*' : '.';
    },
  );
  return new RegExp(`^(?:${source})$`, 's');
}

/** Whether a text is a calendar day of the form `2021-09-01`. */
export function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  return year !== undefined && isCalendarDay(Number(year), Number(month), Number(day));
}

function* problemsOf(plan: {
  readonly file: string;
  readonly every: (typeof arrivalPeriods)[number];
  readonly from: string;
  readonly until?: string | undefined;
}): Generator<[string, string]> {
  const names = [...plan.file.matchAll(/\{(.*?)\}/g)].map(([, name = '']) => name);
  const unknown = names.find((name) => !(name in placeholders));
  const parts = plan.every === 'month' ? ['yyyy', 'mm'] : ['yyyy', 'mm', 'dd'];
  const hasDay = names.includes('date') || parts.every((part) => names.includes(part));
  if (unknown !== undefined) {
    yield ['file', `{${unknown}} is none of {date}, {yyyy}, {mm} and {dd}`];
  } else if (new Set(names).size !== names.length) {
    yield ['file', 'has a placeholder twice'];
  } else if (!hasDay) {
    yield ['file', `must tell the ${plan.every} by {date}, or by ${parts.join(', ')} in braces`];
  }
  if (/[/\\]/.test(plan.file)) {
    yield ['file', 'is the name of a file, without its folder'];
  }
  if (plan.every === 'month' && !plan.from.endsWith('-01')) {
    yield ['from', 'must be the first day of a month'];
  }
  if (plan.until !== undefined && plan.until < plan.from) {
    yield ['until', `is before ${plan.from}`];
  }
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    // It throws for what is no zone, and says nothing else.
    return false;
  }
}
