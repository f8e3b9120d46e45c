import { printTable } from '@sluice/command-line';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import { announce } from './run-step.ts';

const rowSchema = z.record(z.string(), z.union([z.string(), z.number(), z.bigint(), z.null()]));

/** Shows a query, and its rows as a table. */
export async function showQuery(
  db: PostgresDatabase,
  { shows, sql }: { readonly shows: string; readonly sql: string },
): Promise<void> {
  announce(shows, sql);
  const rows = await db.rows(rowSchema, sql);
  const output = process.stdout;
  printTable(
    { output, hasColor: (stream) => stream.isTTY && stream.hasColors() },
    Object.keys(rows[0] ?? {}),
    rows.map((row) => Object.values(row)),
  );
}
