import type { CellValue, Format } from '@sluice/command-line';
import { say } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';
import { readDay } from '../datasets/read-period.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { refuseUnknownChecks } from './check-settings.ts';
import { columnsNamed, printRows } from '../reading/print-rows.ts';
import { readDatabase } from '../reading/open-for-reading.ts';

const columns = columnsNamed([
  'checked_at',
  'dataset',
  'check_id',
  'period_from',
  'period_to',
  'outcome',
  'severity',
  'observed',
  'expected',
  'value',
  'failing',
  'message',
  'is_newest',
  'run_id',
]);

const resultRow = z.object({
  checked_at: z.date(),
  dataset: z.string(),
  check_id: z.string(),
  period_from: z.string().nullable(),
  period_to: z.string().nullable(),
  outcome: z.string(),
  severity: z.string().nullable(),
  observed: z.string().nullable(),
  expected: z.string(),
  value: z.number().nullable(),
  failing: z.union([z.number(), z.bigint()]).nullable(),
  message: z.string(),
  is_newest: z.boolean(),
  run_id: z.string(),
});

/** Which results are printed. */
export interface HistoryOptions {
  readonly dataset?: readonly string[];
  /** About this business day or later, or earlier. */
  readonly from?: string;
  readonly to?: string;
  /** Ids. */
  readonly check?: readonly string[] | undefined;
  readonly format: Format;
}

/**
 * Prints the results that are on record, the newest first; 0 whatever they are.
 *
 * @throws {CommandError} wrong usage: no dataset, day or check.
 */
export async function printHistory(
  context: CommandContext,
  options: HistoryOptions,
): Promise<ExitCode> {
  const contracts = selectDatasets(options.dataset);
  refuseUnknownChecks(contracts, options.check ?? []);
  const names = contracts.map(({ name }) => name);
  const from = readDay('--from', options.from) ?? null;
  const to = readDay('--to', options.to) ?? null;
  await readDatabase(context, async (tx) => {
    const printed = await printRows(
      context,
      options.format,
      columns,
      readResults(tx, [names, options.check ?? null, from, to]),
    );
    if (printed === 0) {
      say(context, 'no such result is on record; jao-scraper check makes some');
    }
  });
  return exitCodes.done;
}

async function* readResults(
  tx: PostgresTransaction,
  values: readonly unknown[],
): AsyncGenerator<CellValue[][]> {
  const batches = tx.stream(
    resultRow,
    `select checked_at, region || '/' || dataset as dataset, check_id, period_from, period_to, outcome,
       severity, observed, expected, value, failing, message, is_newest, run_id
     from jao.check_result
     where region || '/' || dataset = any($1::text[]) and ($2::text[] is null or check_id = any($2::text[]))
       and ($3::date is null or period_to >= $3::date) and ($4::date is null or period_from <= $4::date)
     order by checked_at desc, dataset, check_id, period_from desc`,
    values,
  );
  for await (const rows of batches) {
    yield rows.map((row) => [
      row.checked_at.toISOString(),
      row.dataset,
      row.check_id,
      row.period_from,
      row.period_to,
      row.outcome,
      row.severity,
      row.observed,
      row.expected,
      row.value,
      row.failing,
      row.message,
      row.is_newest,
      row.run_id,
    ]);
  }
}
