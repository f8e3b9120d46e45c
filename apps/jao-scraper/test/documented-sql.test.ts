import { openAs } from '@sluice/warehouse/postgres-testing';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { wholeDays } from './cell-coverage/history.ts';
import { createDatabaseWith } from './cell-coverage/write-history.ts';
import { contractOf } from './store/test-store.ts';
import { createJaoDatabase } from './store/test-database.ts';

const page = readFileSync(new URL('../../../docs/jao.md', import.meta.url), 'utf8');

/** The statements of the page, without their comments. */
function documentedStatements(): string[] {
  return [...page.matchAll(/^```sql\n(.*?)^```/gms)]
    .flatMap(([, block = '']) => block.split(';\n'))
    .map((statement) => statement.replaceAll(/^--.*$/gm, '').trim())
    .filter((statement) => statement !== '');
}

test('what the page for traders shows can be run by a reader, and finds what is there', async () => {
  const contract = contractOf('core/maxExchanges');
  const keys = ['border_AT_DE', 'border_DE_AT'];
  const { database, owner } = await createDatabaseWith(
    contract,
    wholeDays(contract, ['2026-04-20'], keys),
  );
  const { id } = await owner.row(
    z.object({ id: z.int() }),
    `select dataset_id as id from jao.dataset where region = 'core' and dataset = 'maxExchanges'`,
  );
  await owner.query('select jao.refresh_wide_view($1)', [id]);
  const reader = await openAs(database, 'reader');
  const statements = documentedStatements();
  expect(statements.length).toBeGreaterThanOrEqual(6);
  const counts: number[] = [];
  for (const statement of statements) {
    counts.push((await reader.query(statement)).length);
  }
  expect(counts.slice(0, 3)).toEqual([24, 24, 48]);
  await reader.close();
  await owner.close();
});

test.each(['latest', 'revision', 'coverage', 'completeness', 'absence', 'day', 'run'])(
  'the page names the columns of jao.%s in their order',
  async (view) => {
    const owner = await openAs(await createJaoDatabase(), 'owner');
    const { columns } = await owner.row(
      z.object({ columns: z.string() }),
      `select string_agg(attname, ', ' order by attnum) as columns from pg_attribute
       where attrelid = ('jao.' || $1)::regclass and attnum > 0`,
      [view],
    );
    expect(page).toContain(columns);
    await owner.close();
  },
);
