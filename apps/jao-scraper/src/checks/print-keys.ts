import type { CellValue, Format } from '@sluice/command-line';
import { readFailingKeys } from '@sluice/data-quality';
import { postgresEngine } from '@sluice/data-quality/postgres';
import type { QualityResult, RowKey } from '@sluice/schemas/expectations';
import type { JaoSuite } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';

import type { CommandContext } from '../command-context.ts';
import { columnsNamed, printRows } from '../reading/print-rows.ts';
import { scopeOf } from './check-days.ts';
import type { DaysToCheck } from './check-days.ts';

const columns = columnsNamed(['dataset', 'check_id', 'key']);
/** Kinds that are about the table as a whole: what fails are no rows, and all of it is in the result. */
const kindsWithoutRows: ReadonlySet<string> = new Set([
  'gaps',
  'schema',
  'set_equals',
  'set_contains',
]);

/**
 * Prints the keys of all rows that fail a check, as they are read: of those that warned or failed, in
 * the order of the checks.
 */
export async function printKeys(
  context: CommandContext,
  tx: PostgresTransaction,
  {
    datasets,
    results,
    format,
  }: {
    readonly datasets: readonly DaysToCheck[];
    readonly results: readonly QualityResult[];
    readonly format: Format;
  },
): Promise<void> {
  async function* read(): AsyncGenerator<CellValue[][]> {
    for (const result of results) {
      const input = datasets.find(({ contract }) => contract.name === result.dataset);
      const suite = input?.suites.find(({ suite: { expectations } }) =>
        expectations.some(({ id }) => id === result.checkId),
      );
      if (input === undefined || suite === undefined || (result.failing ?? 0) === 0) {
        continue;
      }
      for await (const keys of keysOf(tx, input, suite, result)) {
        yield keys.map((key): CellValue[] => [result.dataset, result.checkId, { ...key }]);
      }
    }
  }
  await printRows(context, format, columns, read());
}

async function* keysOf(
  tx: PostgresTransaction,
  { contract, period }: DaysToCheck,
  { suite, relation }: JaoSuite,
  { checkId, kind, failingKeys }: QualityResult,
): AsyncGenerator<readonly RowKey[]> {
  if (kindsWithoutRows.has(kind)) {
    yield failingKeys;
    return;
  }
  yield* handedOver<readonly RowKey[]>((onBatch) =>
    readFailingKeys(
      postgresEngine(tx),
      { suite, checkId, relation, scope: scopeOf(contract, period) },
      onBatch,
    ),
  );
}

/** What is handed to a function, a batch at a time, as something that is iterated. */
async function* handedOver<Batch>(
  produce: (onBatch: (batch: Batch) => Promise<void>) => Promise<unknown>,
): AsyncGenerator<Batch> {
  const channel = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const producing = produce(async (batch) => {
    if (!channel.write(batch)) {
      // Closed, where nobody reads on.
      await Promise.race([once(channel, 'drain'), once(channel, 'close')]);
    }
  }).then(
    () => channel.end(),
    (cause: unknown) => channel.destroy(cause instanceof Error ? cause : new Error(String(cause))),
  );
  // Nothing but batches is written into it.
  yield* channel as AsyncIterable<Batch>;
  await producing;
}
