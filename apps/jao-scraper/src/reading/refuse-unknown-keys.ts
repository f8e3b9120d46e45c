import { CommandError, quoteUnknown } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

/** Keys that were asked for, and of which datasets; what is undefined is all. */
export interface AskedKeys {
  readonly keys?: readonly string[] | undefined;
  /** With their regions. */
  readonly datasets?: readonly string[] | undefined;
}

/**
 * Refuses keys that no dataset of those asked for ever had, as data or in quarantine, a slip of the pen:
 * nothing of them can be found, and nothing can be missing.
 *
 * @throws {CommandError} wrong usage: names each such key, and what may have been meant.
 */
export async function refuseUnknownKeys(
  tx: PostgresTransaction,
  { keys, datasets }: AskedKeys,
): Promise<void> {
  if (keys === undefined) {
    return;
  }
  const names = datasets === undefined ? null : [...datasets];
  const known = await readKeys(
    tx,
    `select distinct key from jao.series
     where $1::text[] is null or region || '/' || dataset = any($1)`,
    [names],
  );
  const withoutSeries = keys.filter((key) => !known.has(key));
  if (withoutSeries.length === 0) {
    return;
  }
  const quarantined = await readKeys(
    tx,
    `select distinct key from jao.quarantined_cell
     where key = any($2::text[]) and ($1::text[] is null or name = any($1))`,
    [names, withoutSeries],
  );
  const unknown = withoutSeries.filter((key) => !quarantined.has(key));
  if (unknown.length > 0) {
    const where = datasets === undefined ? '' : ` of ${datasets.join(', ')}`;
    throw new CommandError(
      `--key: no answer${where} that was stored ever had ${quoteUnknown(unknown, known)}`,
      { exitCode: exitCodes.usage },
    );
  }
}

async function readKeys(
  tx: PostgresTransaction,
  sql: string,
  values: readonly unknown[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.rows(z.object({ key: z.string() }), sql, values);
  return new Set(rows.map(({ key }) => key));
}
