import { CommandError, quoteUnknown } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { DatasetContract } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

/** A dataset, and those of its keys that were asked for; undefined is all. */
export interface AskedKeys {
  readonly contract: DatasetContract;
  readonly keys: readonly string[] | undefined;
}

/**
 * Refuses keys that no dataset of those asked for ever had, a slip of the pen: nothing of them can be
 * found, and nothing can be missing.
 *
 * @throws {CommandError} that names each such key, and what may have been meant.
 */
export async function refuseUnknownKeys(
  tx: PostgresTransaction,
  asked: readonly AskedKeys[],
): Promise<void> {
  const [first] = asked;
  if (first?.keys === undefined) {
    return;
  }
  const names = asked.map(({ contract }) => contract.name);
  const rows = await tx.rows(
    z.object({ key: z.string() }),
    `select distinct key from jao.series where region || '/' || dataset = any($1::text[])`,
    [names],
  );
  const known = new Set(rows.map(({ key }) => key));
  const unknown = first.keys.filter((key) => !known.has(key));
  if (unknown.length > 0) {
    throw new CommandError(
      `--key: no answer of ${names.join(', ')} that was stored ever had ${quoteUnknown(unknown, known)}`,
      { exitCode: exitCodes.usage },
    );
  }
}
