import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';
import type { Queryable } from '@sluice/warehouse/postgres';
import { z } from 'zod';

/** These days are a month old; the loop goes round every few seconds, and for each day that ends. */
const lookEveryMs = 60_000;

/**
 * Knows the business days that were missed, and are too old to be followed anyway: of all since the
 * first one that was ever asked for, by whomever, those that are neither finished nor given up.
 */
export class MissedDays {
  readonly #seen = new Map<string, { readonly atMs: number; readonly days: BusinessDay[] }>();

  /**
   * Those before a day, ascending, as they were at most a minute ago; none where there is no such day, as
   * the dataset is to begin.
   */
  async readBefore(
    db: Queryable,
    { name, region, dataset }: DatasetContract,
    before: BusinessDay | undefined,
  ): Promise<readonly BusinessDay[]> {
    const seen = this.#seen.get(name);
    const nowMs = performance.now();
    if (seen !== undefined && nowMs - seen.atMs < lookEveryMs) {
      return seen.days;
    }
    const rows = await db.rows(
      z.object({ business_day: z.string() }),
      `select missed.business_day
       from jao.dataset d
       cross join lateral (
         select a.business_day from ops.attempt a
         where a.dataset = $1 and a.business_day is not null
         order by a.business_day limit 1
       ) asked
       cross join lateral (
         select asked.business_day + n as business_day
         from generate_series(0, $4::date - 1 - asked.business_day) n
       ) missed
       left join jao.dataset_day dd
         on dd.dataset_id = d.dataset_id and dd.business_day = missed.business_day
       where d.region = $2 and d.dataset = $3
         and (dd.business_day is null or dd.doubt_hash is not null
           or not dd.finished and dd.asked_at - d.give_up
             < (dd.business_day + d.due_day_offset + d.due_time) at time zone d.zone)
       order by missed.business_day`,
      [name, region, dataset, before ?? null],
    );
    const days = rows.map((row) => row.business_day);
    this.#seen.set(name, { atMs: nowMs, days });
    return days;
  }
}
