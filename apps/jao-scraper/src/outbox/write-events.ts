import type { BusinessDay, DatasetContract, JaoEventType } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';

/** An event tells of so many changed cells: a day may have thousands, and `jao.revision` has them all. */
const maxChanges = 20;
/** Of so many keys: more than a dataset that changes its keys in earnest. */
const maxKeys = 200;

/** A cell that has another value than before, or none any more. */
export interface RevisedCell {
  readonly key: string;
  readonly deliveryStartMs: number;
  readonly oldValue: number | null;
  readonly newValue: number | null;
  readonly withdrawn: boolean;
}

/** What a transaction has changed of a business day, as far as it may be news. */
export interface DayChanges {
  readonly contract: DatasetContract;
  readonly datasetId: number;
  readonly day: BusinessDay;
  /** The stamp; undefined where nothing was stored. */
  readonly knownFromMs: number | undefined;
  /** Revised cells before withdrawn ones. */
  readonly revised: readonly RevisedCell[];
  readonly newKeys: readonly string[];
  readonly vanishedKeys: readonly string[];
}

interface NewEvent {
  readonly type: JaoEventType;
  /** Null where it is the moment of writing. */
  readonly occurredAt: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Writes the events of what a transaction has changed, in it, where events are on; at most three,
 * bounded in size. To come after the stamp, so that of one dataset they are in its order. Keys are news
 * as days are; a value that changes always is.
 */
export async function writeEvents(tx: PostgresTransaction, changes: DayChanges): Promise<void> {
  const { contract, datasetId, day } = changes;
  const events = [
    ...revisionOf(changes),
    ...keysEvent('new_keys', changes.newKeys),
    ...keysEvent('vanished_keys', changes.vanishedKeys),
  ];
  if (events.length === 0) {
    return;
  }
  await tx.run(
    `insert into ops.outbox (type, dataset, business_day, occurred_at, data)
     select e.type, $1, $2, coalesce(e."occurredAt", clock_timestamp()), e.data
     from jsonb_to_recordset($3::jsonb) as e (type text, "occurredAt" timestamptz, data jsonb)
     where (select is_on from ops.outbox_switch)
       and (e.type = 'revision' or jao.news_of_day($4, $2, clock_timestamp()) is not null)`,
    [contract.name, day, JSON.stringify(events), datasetId],
  );
}

function revisionOf({ revised, knownFromMs }: DayChanges): readonly NewEvent[] {
  if (revised.length === 0 || knownFromMs === undefined) {
    return [];
  }
  const knownFrom = new Date(knownFromMs).toISOString();
  const withdrawn = revised.filter((cell) => cell.withdrawn).length;
  const changes = revised.slice(0, maxChanges).map(({ deliveryStartMs, ...cell }) => ({
    ...cell,
    deliveryStart: new Date(deliveryStartMs).toISOString(),
  }));
  return [
    {
      type: 'revision',
      occurredAt: knownFrom,
      data: {
        revised: revised.length - withdrawn,
        withdrawn,
        knownFrom,
        changes,
        omitted: revised.length - changes.length,
      },
    },
  ];
}

function keysEvent(
  type: 'new_keys' | 'vanished_keys',
  keys: readonly string[],
): readonly NewEvent[] {
  const named = keys.slice(0, maxKeys);
  return keys.length === 0
    ? []
    : [{ type, occurredAt: null, data: { keys: named, omitted: keys.length - named.length } }];
}
