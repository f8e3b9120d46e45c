import { say } from '@sluice/command-line';
import type { DatasetContract } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';

/** A dataset, and those of its keys that were asked for; undefined is all. */
export interface AskedKeys {
  readonly contract: DatasetContract;
  readonly keys: readonly string[] | undefined;
}

/** Says which of the keys that were asked for no dataset of them ever had: a slip of the pen. */
export async function sayUnknownKeys(
  context: CommandContext,
  tx: PostgresTransaction,
  asked: readonly AskedKeys[],
): Promise<void> {
  const [first] = asked;
  if (first?.keys === undefined) {
    return;
  }
  const unknown = await tx.rows(
    z.object({ key: z.string() }),
    `select asked.key from unnest($1::text[]) as asked (key)
     where not exists (
       select from jao.series s where s.key = asked.key and s.region || '/' || s.dataset = any($2::text[])
     )`,
    [[...first.keys], asked.map(({ contract }) => contract.name)],
  );
  for (const { key } of unknown) {
    say(context, `no answer ever had the key ${key}`);
  }
}
