import { CommandError, say } from '@sluice/command-line';
import type { CellValue, Format } from '@sluice/command-line';
import { readFailingKeys } from '@sluice/data-quality';
import { postgresEngine } from '@sluice/data-quality/postgres';
import { exitCodes } from '@sluice/schemas';
import { hasFailingKeys } from '@sluice/schemas/expectations';
import type { QualityResult, RowKey } from '@sluice/schemas/expectations';
import { publicationArrivals } from '@sluice/schemas/jao';
import type { JaoSuite } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';

import type { CommandContext } from '../command-context.ts';
import { columnsNamed, printRows } from '../reading/print-rows.ts';
import { scopeOf } from './check-days.ts';
import type { DaysToCheck } from './check-days.ts';

const columns = columnsNamed(['dataset', 'check_id', 'key']);

/**
 * Refuses to print keys of checks that have none.
 *
 * @throws {CommandError} wrong usage, with each of these checks.
 */
export function refuseKeyless(suites: readonly JaoSuite[]): void {
  const ids = suites.flatMap(({ suite }) =>
    suite.expectations.filter(({ kind }) => !hasFailingKeys(kind)).map(({ id }) => id),
  );
  if (ids.length > 0) {
    throw new CommandError(
      `--keys: ${ids.join(', ')}: it is about all rows together, and nothing that fails it has a key`,
      { exitCode: exitCodes.usage },
    );
  }
}

/**
 * Prints the keys of all that fails a check, as they are read, rows or what else the check counts: of
 * those that warned or failed, in the order of the checks.
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
      for await (const keys of keysOf(tx, input, suite, result.checkId)) {
        yield keys.map((key): CellValue[] => [result.dataset, result.checkId, { ...key }]);
      }
    }
  }
  await printRows(context, format, columns, read());
  sayKeyless(context, results);
}

/** What fell short and is not among the keys, as it counts nothing that has one. */
function sayKeyless(context: CommandContext, results: readonly QualityResult[]): void {
  const keyless = results.filter(
    ({ outcome, failing }) => outcome !== 'passed' && outcome !== 'skipped' && failing === null,
  );
  const names = new Set(keyless.map(({ dataset, checkId }) => `${dataset} ${checkId}`));
  if (names.size > 0) {
    say(context, `fell short too, and counts nothing that has keys: ${[...names].join(', ')}`);
  }
}

function keysOf(
  tx: PostgresTransaction,
  { contract, period, now }: DaysToCheck,
  { suite, relation }: JaoSuite,
  checkId: string,
): AsyncGenerator<readonly RowKey[]> {
  const scope = scopeOf(contract, period);
  const calendar = publicationArrivals(contract, period);
  return handedOver((onBatch) =>
    readFailingKeys(
      postgresEngine(tx),
      { suite, checkId, relation, scope, calendar, now },
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
