import { CommandError, say } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
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
  for (const key of await findUnknownKeys(tx, asked)) {
    say(context, `no answer ever had the key ${key}`);
  }
}

/**
 * For what is a check: of a key that no dataset of those asked for ever had nothing can be missing.
 *
 * @throws {CommandError} that names each such key.
 */
export async function refuseUnknownKeys(
  tx: PostgresTransaction,
  asked: readonly AskedKeys[],
): Promise<void> {
  const unknown = await findUnknownKeys(tx, asked);
  if (unknown.length > 0) {
    const keys = unknown.map((key) => JSON.stringify(key)).join(', ');
    const datasets = asked.map(({ contract }) => contract.name).join(', ');
    throw new CommandError(`--key: no answer of ${datasets} that was stored ever had ${keys}`, {
      exitCode: exitCodes.usage,
    });
  }
}

async function findUnknownKeys(
  tx: PostgresTransaction,
  asked: readonly AskedKeys[],
): Promise<string[]> {
  const [first] = asked;
  if (first?.keys === undefined) {
    return [];
  }
  const unknown = await tx.rows(
    z.object({ key: z.string() }),
    `select asked.key from unnest($1::text[]) as asked (key)
     where not exists (
       select from jao.series s where s.key = asked.key and s.region || '/' || s.dataset = any($2::text[])
     )`,
    [[...first.keys], asked.map(({ contract }) => contract.name)],
  );
  return unknown.map(({ key }) => key);
}
