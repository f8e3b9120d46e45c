import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { answerOf, throughout } from '../store/answers.ts';
import { contractOf } from '../store/test-store.ts';
import { openOwnedStore } from '../store/use-store.ts';

const contract = contractOf('core/maxExchanges');
const day = '2026-06-10';
const ofDay = {
  delivery_start: `delivery_start >= '2026-06-09 22:00Z' and delivery_start < '2026-06-10 22:00Z'`,
  business_day: `business_day = '${day}'`,
};

test.each(['jao.latest', `jao.as_of('2026-06-11 12:00Z')`])(
  '%s tells the business day of no version that it does not show, and finds a day by its index',
  async (relation) => {
    const { owner, store } = await openOwnedStore();
    await store.collect(
      contract,
      day,
      answerOf(contract, day, { a: throughout(contract, day, 1) }),
    );
    const byRange = await explain(owner, relation, ofDay.delivery_start);
    expect(byRange).toContain('Window');
    expect(byRange).not.toContain('Europe/Amsterdam');
    const byDay = await explain(owner, relation, ofDay.business_day);
    expect(byDay).toMatch(/Index Cond: .*'Europe\/Amsterdam'.*date = '2026-06-10'/);
    expect(byDay).toContain('PARTITION BY v.delivery_start ');
  },
);

/** How Postgres reads keys and values where it may; a few rows it would rather read from end to end. */
async function explain(db: PostgresDatabase, relation: string, condition: string): Promise<string> {
  const lines = await db.transaction(async (tx) => {
    await tx.run('set local enable_seqscan = off');
    return tx.rows(
      z.object({ 'QUERY PLAN': z.string() }),
      `explain select key, delivery_start, value from ${relation}
       where region = 'core' and dataset = 'maxExchanges' and ${condition}`,
    );
  });
  return lines.map((line) => line['QUERY PLAN']).join('\n');
}
