import { z } from 'zod';

import type { Queryable } from '../postgres-transaction.ts';
import { storableText } from './quarantine.ts';

/** Something that a contract does not know, and that was kept. */
export interface DriftItem {
  readonly kind: string;
  readonly value: string;
}

/** Notes what an answer had that its contract does not know; gives what was never seen before. */
export async function recordDrift(
  db: Queryable,
  source: { readonly dataset: string; readonly attemptId: number },
  items: readonly DriftItem[],
): Promise<DriftItem[]> {
  if (items.length === 0) {
    return [];
  }
  const rows = await db.rows(
    z.object({ kind: z.string(), value: z.string(), isNew: z.boolean() }),
    // In one order for all, so that two do not wait for each other.
    `insert into ops.drift as d
       (dataset, kind, value, first_seen_at, last_seen_at, times, first_attempt_id)
     select $1, u.kind, u.value, clock_timestamp(), clock_timestamp(), 1, $2::bigint
       from unnest($3::text[], $4::text[]) as u (kind, value)
      group by u.kind, u.value order by u.kind, u.value
     on conflict (dataset, kind, value) do update
       set last_seen_at = clock_timestamp(), times = d.times + 1
     returning kind, value, times = 1 as "isNew"`,
    [
      source.dataset,
      source.attemptId,
      items.map(({ kind }) => kind),
      items.map(({ value }) => storableText(value)),
    ],
  );
  return rows.filter(({ isNew }) => isNew).map(({ kind, value }) => ({ kind, value }));
}
