import { jaoEventTypes } from '@sluice/schemas/jao';
import type { PostgresDatabase, Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

/** By type, and in the metric of the exporter: what was delivered. */
export const deliveredCounter = 'sluice_outbox_delivered_total';

/**
 * Has whoever stores anything in this database write events, from their next transaction on; gives
 * whether that is new. What can be counted of them is there from then on, at 0.
 */
export async function switchOutboxOn(db: PostgresDatabase): Promise<boolean> {
  return db.transaction(async (tx) => {
    const changed = await tx.run(
      `update ops.outbox_switch set is_on = true, changed_at = clock_timestamp() where not is_on`,
    );
    await tx.run(
      `insert into ops.counter (name, labels, value)
       select $1, jsonb_build_object('type', t.type), 0 from unnest($2::text[]) t (type)
       order by t.type on conflict (name, labels) do nothing`,
      [deliveredCounter, jaoEventTypes],
    );
    return changed > 0;
  });
}

/** Has nobody write events any more; what waits stays. Gives whether they were on. */
export async function switchOutboxOff(db: PostgresDatabase): Promise<boolean> {
  const changed = await db.run(
    `update ops.outbox_switch set is_on = false, changed_at = clock_timestamp() where is_on`,
  );
  return changed > 0;
}

/** Whether events are written. */
export async function isOutboxOn(db: Queryable): Promise<boolean> {
  const { isOn } = await db.row(
    z.object({ isOn: z.boolean() }),
    'select is_on as "isOn" from ops.outbox_switch',
  );
  return isOn;
}
