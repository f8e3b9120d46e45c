import type { Queryable } from '@sluice/warehouse/postgres';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { findWrongSums } from '../../src/store/wrong-sums.ts';
import { answerOf, throughout } from './answers.ts';
import { contractOf } from './test-store.ts';
import { openOwnedStore } from './use-store.ts';

const contract = contractOf('core/maxExchanges');

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string | undefined;
  readonly Plans?: readonly PlanNode[] | undefined;
}

const planNode: z.ZodType<PlanNode> = z.object({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  get Plans() {
    return z.array(planNode).optional();
  },
});
const planRow = z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: planNode })]) });

test('cells are counted before anything is compared with them, however many attempts there are', async () => {
  const { store } = await openOwnedStore();
  for (const day of ['2026-06-10', '2026-06-11']) {
    const value = throughout(contract, day, 1);
    await store.collect(contract, day, answerOf(contract, day, { a: value, b: value }));
  }
  const plans: PlanNode[] = [];
  const { db, runId } = store;
  const explained: Queryable = {
    query: (sql, values) => db.query(sql, values),
    row: (schema, sql, values) => db.row(schema, sql, values),
    run: (sql, values) => db.run(sql, values),
    rows: async (schema, sql, values) => {
      const { 'QUERY PLAN': told } = await db.row(planRow, `explain (format json) ${sql}`, values);
      plans.push(told[0].Plan);
      return db.rows(schema, sql, values);
    },
  };
  expect(await findWrongSums(explained, { runId })).toEqual([]);
  expect(plans.flatMap((plan) => readsOf(plan, false))).toEqual(['counted']);
});

/** How each partition of observations that is read is read: counted by itself, or joined row by row. */
function readsOf(node: PlanNode, isJoined: boolean): ('counted' | 'joined')[] {
  if (node['Relation Name']?.startsWith('observation') === true) {
    return [isJoined ? 'joined' : 'counted'];
  }
  const type = node['Node Type'];
  const isBelow = type === 'Aggregate' ? false : isJoined || /Join|Loop/.test(type);
  return (node.Plans ?? []).flatMap((plan) => readsOf(plan, isBelow));
}
