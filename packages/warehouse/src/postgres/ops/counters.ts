import type { PostgresTransaction } from '../postgres-transaction.ts';

/** By how much a counter goes up. */
export interface CounterStep {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly by: number;
}

/**
 * Counts what a transaction does, in it: to be its last statement, since all who count the same wait
 * from here until it ends. Rows are locked in one order for all, so that two never wait for each
 * other.
 */
export async function bumpCounters(
  tx: PostgresTransaction,
  steps: readonly CounterStep[],
): Promise<void> {
  const changing = steps.filter(({ by }) => by !== 0);
  if (changing.length === 0) {
    return;
  }
  await tx.run(
    `insert into ops.counter as c (name, labels, value)
     select u.name, u.labels, sum(u.step)
       from unnest($1::text[], $2::jsonb[], $3::float8[]) as u (name, labels, step)
      group by u.name, u.labels
      order by u.name, u.labels
     on conflict (name, labels) do update
       set value = c.value + excluded.value, changed_at = clock_timestamp()`,
    [
      changing.map(({ name }) => name),
      changing.map(({ labels }) => JSON.stringify(labels)),
      changing.map(({ by }) => by),
    ],
  );
}
