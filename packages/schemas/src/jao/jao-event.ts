import { z } from 'zod';

/** What an event tells of; each stands once in `docs/events.md`. */
export const jaoEventTypes = [
  'day_complete',
  'gap_closed',
  'revision',
  'new_keys',
  'vanished_keys',
] as const;

/** A member of {@link jaoEventTypes}. */
export type JaoEventType = (typeof jaoEventTypes)[number];

/** The `source` of every event: with its `id` it is unique. */
export const jaoEventSource = '/jao-scraper';

/** Stands before a {@link JaoEventType} in the `type` of an event. */
export const jaoEventTypePrefix = 'sluice.jao.';

const count = z.int().min(0);

const placeSchema = z.object({
  region: z.string(),
  /** The name without its region. */
  dataset: z.string(),
  businessDay: z.iso.date(),
});

/** Instants are ISO 8601, UTC; counts are cells. */
const finishedDaySchema = placeSchema.extend({
  /** What the day was then, as in `jao.day`. */
  state: z.string(),
  /** With a value, or a null of the source. */
  cells: count,
  /** Of the answer, in quarantine. */
  quarantined: count,
  dueAt: z.iso.datetime(),
  /** The newest stamp of the day: `jao.as_of` it shows what the event tells of. */
  knownFrom: z.iso.datetime().nullable(),
});

const revisionSchema = placeSchema.extend({
  /** Cells that got another value, those included that were withdrawn and are back. */
  revised: count,
  /** Cells that the source took back. */
  withdrawn: count,
  /** The stamp of all of them. */
  knownFrom: z.iso.datetime(),
  /** The first of them, revised ones before withdrawn ones. */
  changes: z.array(
    z.object({
      key: z.string(),
      deliveryStart: z.iso.datetime(),
      /** Null also where it was withdrawn before. */
      oldValue: z.number().nullable(),
      newValue: z.number().nullable(),
      withdrawn: z.boolean(),
    }),
  ),
  /** How many more there are, which `jao.revision` has. */
  omitted: count,
});

const keysSchema = placeSchema.extend({
  keys: z.array(z.string()),
  /** How many more there are. */
  omitted: count,
});

function envelopeOf<Type extends JaoEventType, Data extends z.ZodType>(type: Type, data: Data) {
  return z.object({
    specversion: z.literal('1.0'),
    /** The same each time that the event is delivered, also in `webhook-id`. */
    id: z.uuid(),
    source: z.literal(jaoEventSource),
    type: z.literal(`${jaoEventTypePrefix}${type}`),
    /** `core/maxExchanges/2026-03-10` */
    subject: z.string(),
    time: z.iso.datetime(),
    /** Goes up: of one dataset in the order of its stamps. Digits. */
    sequence: z.string().regex(/^\d+$/),
    datacontenttype: z.literal('application/json'),
    data,
  });
}

/**
 * A fact that happened once, as the webhook is told it: CloudEvents 1.0, as JSON. Members may be added;
 * one whose meaning changes gets another type.
 */
export const jaoEventSchema = z.discriminatedUnion('type', [
  envelopeOf('day_complete', finishedDaySchema),
  envelopeOf('gap_closed', finishedDaySchema),
  envelopeOf('revision', revisionSchema),
  envelopeOf('new_keys', keysSchema),
  envelopeOf('vanished_keys', keysSchema),
]);

/** A fact that happened once; see {@link jaoEventSchema}. */
export type JaoEvent = z.infer<typeof jaoEventSchema>;
