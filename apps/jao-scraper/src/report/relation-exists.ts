import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

/** Whether schema `jao` has this relation, and this login may read it. */
export async function relationExists(tx: PostgresTransaction, name: string): Promise<boolean> {
  const { exists } = await tx.row(
    z.object({ exists: z.boolean() }),
    `select coalesce(has_table_privilege(to_regclass('jao.' || quote_ident($1)), 'select'), false) as exists`,
    [name],
  );
  return exists;
}
