import { findSentinels } from '@sluice/data-quality';
import { keyGroupSchema } from '@sluice/schemas/expectations';
import type { ColumnProfile, KeyGroup } from '@sluice/schemas/expectations';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { ProfileQuestion } from './profile-series.ts';

const maxGroups = 200;
const rowSchema = z
  .object({ ...keyGroupSchema.shape, keysMin: z.int(), keysMax: z.int() })
  .omit({ keysPerDay: true })
  .transform(({ keysMin, keysMax, ...group }) => ({
    ...group,
    keysPerDay: { min: keysMin, max: keysMax },
  }));

/** The values by what their keys begin with, the largest groups first. */
export async function readKeyGroups(
  tx: PostgresTransaction,
  question: Omit<ProfileQuestion, 'suggest'> & { readonly value: ColumnProfile | undefined },
): Promise<KeyGroup[]> {
  const { contract, from, to, value } = question;
  const sentinels = value === undefined ? [] : findSentinels(value);
  const quantile = (fraction: number): string =>
    `percentile_disc(${fraction}) within group (order by value)`;
  return tx.rows(
    rowSchema,
    `with cells as (
       select split_part(key, '_', 1) as "group", key, business_day, delivery_start, value
         from jao.latest
        where region = $1 and dataset = $2 and business_day between $3 and $4
     ), days as (
       select "group", business_day, count(distinct key) as keys from cells group by 1, 2
     ), per_day as (
       select "group", min(keys)::int as "keysMin", max(keys)::int as "keysMax" from days group by 1
     )
     select "group", count(distinct key)::int as keys, count(*)::int as rows,
       (count(*) - count(value))::int as nulls, count(distinct value)::int as distinct,
       min(value) as min, ${quantile(0.25)} as q25, ${quantile(0.5)} as median,
       ${quantile(0.75)} as q75, max(value) as max, avg(value) as mean,
       (count(*) filter (where value = 0))::int as zeros,
       coalesce(count(*) filter (where value = any($5::float8[]))::float8 / nullif(count(value), 0), 0)
         as "sentinelShare",
       to_char(min(delivery_start) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as first,
       to_char(max(delivery_start) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as last,
       "keysMin", "keysMax"
     from cells join per_day using ("group")
     group by "group", "keysMin", "keysMax"
     order by count(*) desc, "group" collate "C"
     limit ${maxGroups}`,
    [contract.region, contract.dataset, from, to, sentinels.map((found) => Number(found.value))],
  );
}
