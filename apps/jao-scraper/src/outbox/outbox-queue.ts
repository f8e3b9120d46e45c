import type { DeliveryFailure } from '@sluice/schemas/jao';
import { bumpCounters } from '@sluice/warehouse/postgres';
import type { Queryable, PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { outboxEventColumns, outboxEventRow } from './outbox-event.ts';
import { deliveredCounter } from './outbox-switch.ts';

const failuresCounter = 'sluice_outbox_failures_total';

const claimedEventRow = outboxEventRow.extend({
  /** Of its lease: who finds a higher one has lost it. */
  token: z.number(),
  /** This one included. */
  tries: z.number(),
});

/** An event that is ours to send, for the time of its lease. */
export type ClaimedEvent = z.infer<typeof claimedEventRow>;

/** Which events to take, and for how long. */
export interface ClaimOptions {
  readonly limit: number;
  /** Whoever has not said by then what became of it has lost it. */
  readonly leaseMs: number;
  /** Takes what was not sent since then, whether it waits or not. @default what is due */
  readonly untriedSince?: Date | undefined;
}

/**
 * Takes events that nobody is sending, in a transaction of its own, and waits for nobody. Of each dataset
 * it is the oldest one that is pending, or none: a later one is not sent before that is settled, so that
 * events of a dataset come in their order. All by the clock of the database.
 */
export async function claimEvents(
  db: Queryable,
  { limit, leaseMs, untriedSince }: ClaimOptions,
): Promise<readonly ClaimedEvent[]> {
  return db.rows(
    claimedEventRow,
    `with due as (
       select o.event_id
       from jao.dataset d
       cross join lateral (
         select event_id from ops.outbox
         where dataset = d.region || '/' || d.dataset and state = 'pending'
         order by event_id limit 1
       ) oldest
       join ops.outbox o on o.event_id = oldest.event_id
       -- Said again of the row itself, which somebody may have settled since it was found.
       where o.state = 'pending' and (o.leased_until is null or o.leased_until <= clock_timestamp())
         and case when $3::timestamptz is null then o.next_try_at <= clock_timestamp()
           else coalesce(o.last_tried_at, '-infinity') < $3 end
       order by o.event_id limit $1
       for update of o skip locked
     )
     update ops.outbox o
     set lease_token = o.lease_token + 1, tries = o.tries + 1, last_tried_at = clock_timestamp(),
       leased_until = clock_timestamp() + make_interval(secs => $2::float8 / 1000)
     from due where o.event_id = due.event_id
     returning ${outboxEventColumns}, o.lease_token as token, o.tries`,
    [limit, leaseMs, untriedSince ?? null],
  );
}

/**
 * Notes that the receiver has an event; also where its lease was lost meanwhile, since it has it. May be
 * repeated: it is counted once.
 */
export async function settleDelivered(
  db: PostgresDatabase,
  { eventId, type }: ClaimedEvent,
  status: number,
): Promise<void> {
  await db.transaction(async (tx) => {
    const settled = await tx.run(
      `update ops.outbox
       set state = 'delivered', settled_at = clock_timestamp(), leased_until = null,
         last_status = $2, last_failure = null
       where event_id = $1 and state in ('pending', 'dead')`,
      [eventId, status],
    );
    await bumpCounters(tx, [{ name: deliveredCounter, labels: { type }, by: settled }]);
  });
}

/** Why an event was not delivered, and what follows. */
export interface FailedDelivery {
  readonly reason: DeliveryFailure;
  readonly status: number | undefined;
  /** When to try again; undefined where it is given up. */
  readonly retryInMs: number | undefined;
}

/** Notes that an event was not delivered, unless its lease was lost meanwhile. May be repeated. */
export async function settleFailed(
  db: PostgresDatabase,
  { eventId, token }: ClaimedEvent,
  { reason, status, retryInMs }: FailedDelivery,
): Promise<void> {
  await db.transaction(async (tx) => {
    const settled = await tx.run(
      `update ops.outbox
       set state = case when $5::float8 is null then 'dead' else 'pending' end,
         settled_at = case when $5::float8 is null then clock_timestamp() end,
         next_try_at = clock_timestamp() + make_interval(secs => coalesce($5, 0) / 1000),
         leased_until = null, last_status = $3, last_failure = $4
       where event_id = $1 and lease_token = $2 and leased_until is not null and state = 'pending'`,
      [eventId, token, status ?? null, reason, retryInMs ?? null],
    );
    await bumpCounters(tx, [{ name: failuresCounter, labels: { reason }, by: settled }]);
  });
}

/** Lets go of an event that was not sent after all. */
export async function releaseEvent(db: Queryable, { eventId, token }: ClaimedEvent): Promise<void> {
  await db.run(
    `update ops.outbox set leased_until = null, tries = tries - 1
     where event_id = $1 and lease_token = $2 and leased_until is not null`,
    [eventId, token],
  );
}

/** Removes events that were settled longer ago; gives how many, up to 10,000. */
export async function forgetEvents(db: Queryable, olderThanMs: number): Promise<number> {
  const { forgotten } = await db.row(
    z.object({ forgotten: z.number() }),
    'select ops.forget_events(make_interval(secs => $1::float8 / 1000)) as forgotten',
    [olderThanMs],
  );
  return forgotten;
}
