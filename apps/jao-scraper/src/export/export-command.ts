import {
  CommandError,
  readPastInstant,
  refuseBadTarget,
  say,
  startProgress,
} from '@sluice/command-line';
import type { TargetFile } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { daysBetween } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';
import { extname, resolve } from 'node:path';

import type { CommandContext } from '../command-context.ts';
import { takePeriod } from '../datasets/read-period.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { readDatabase } from '../reading/open-for-reading.ts';
import { refuseUnknownKeys } from '../reading/refuse-unknown-keys.ts';
import { exportFormats } from './exported-table.ts';
import type { ExportFormat, ExportTable } from './exported-table.ts';
import { longTable } from './long-table.ts';
import { readKeys } from './read-cells.ts';
import type { ExportQuestion } from './read-cells.ts';
import { wideTable } from './wide-table.ts';
import { writeFile, writeStream } from './write-table.ts';

const standardOutput = '-';
const days = { name: 'days', size: 1, digits: 0, rateDigits: 0 };

/** The options of `export`. */
export interface ExportOptions {
  readonly dataset?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly key?: readonly string[];
  readonly wide?: boolean;
  readonly asOf?: string;
  readonly format?: ExportFormat;
  /** A file, or `-` for standard output. */
  readonly out: string;
  readonly overwrite?: boolean;
}

/**
 * `jao-scraper export`: the values of a period as they are known now, or were at a past time, as CSV,
 * JSON or Parquet; all of one moment of the database, and without holding them.
 */
export async function exportCommand(
  context: CommandContext,
  options: ExportOptions,
): Promise<ExitCode> {
  const format = readFormat(options);
  const questions = readQuestions(context, options);
  const target = {
    path: resolve(options.out),
    overwrite: options.overwrite === true,
    doing: 'export',
  };
  const isFile = options.out !== standardOutput;
  if (isFile) {
    refuseBadTarget(target);
  } else if (format === 'parquet' && context.output.isTTY) {
    throw usageError('export: Parquet is nothing for a terminal; name a file by --out');
  }
  const plan = { isWide: options.wide === true, format, target: isFile ? target : undefined };
  await readDatabase(context, async (tx) => {
    // Between two queries of the transaction a slow reader of ours may take its time.
    await tx.script('set local idle_in_transaction_session_timeout = 0');
    await refuseUnknownKeys(tx, {
      keys: options.key,
      datasets: questions.map(({ contract }) => contract.name),
    });
    const rows = await exportRows(context, tx, questions, plan);
    await sayWithoutValue(context, tx, { questions, rows });
  });
  return exitCodes.done;
}

interface ExportPlan {
  readonly isWide: boolean;
  readonly format: ExportFormat;
  /** Undefined is standard output. */
  readonly target: TargetFile | undefined;
}

async function exportRows(
  context: CommandContext,
  tx: PostgresTransaction,
  questions: readonly ExportQuestion[],
  { isWide, format, target }: ExportPlan,
): Promise<number> {
  const progress = target === undefined ? undefined : await startProgress(context.messages, days);
  let daysDone = 0;
  const onDays = (more: number): void => {
    daysDone += more;
    progress?.update(daysDone);
  };
  const [first] = questions;
  const table =
    isWide && first !== undefined
      ? await wideTable(tx, first, onDays)
      : longTable(tx, questions, onDays);
  const counted = countRows(table);
  progress?.start('export', sum(questions.map(({ from, to }) => daysBetween(from, to).length)));
  try {
    if (target === undefined) {
      await writeStream(context.output, format, counted.table);
      return counted.rows();
    }
    const sizeBytes = await writeFile(target, format, counted.table);
    progress?.stop();
    say(context, `wrote ${counted.rows()} rows, ${sizeBytes} bytes, to ${target.path}`);
    return counted.rows();
  } finally {
    progress?.stop();
  }
}

/** Of keys that were asked for, those without a value may be in another period, or were taken back. */
async function sayWithoutValue(
  context: CommandContext,
  tx: PostgresTransaction,
  { questions, rows }: { readonly questions: readonly ExportQuestion[]; readonly rows: number },
): Promise<void> {
  const shown = new Set<string>();
  const asked = rows === 0 ? undefined : questions[0]?.keys;
  for (const question of asked === undefined ? [] : questions) {
    for (const key of await readKeys(tx, question)) {
      shown.add(key);
    }
  }
  const without = asked?.filter((key) => !shown.has(key)) ?? [];
  if (rows === 0 || without.length > 0) {
    const whose = rows === 0 ? '' : ` of ${without.join(', ')}`;
    say(context, `there is no value${whose} among what was asked for; see jao-scraper coverage`);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function countRows(table: ExportTable): {
  readonly table: ExportTable;
  readonly rows: () => number;
} {
  let rows = 0;
  async function* batches() {
    for await (const batch of table.batches) {
      rows += batch.length;
      yield batch;
    }
  }
  return { table: { ...table, batches: batches() }, rows: () => rows };
}

function readQuestions(context: CommandContext, options: ExportOptions): ExportQuestion[] {
  const now = context.now();
  const asOf = readPastInstant('--as-of', options.asOf, now);
  const contracts = selectDatasets(options.dataset);
  if (options.wide === true && contracts.length > 1) {
    throw usageError('export: --wide takes one --dataset: its columns are that one’s keys');
  }
  return contracts.flatMap((contract) => {
    const period = takePeriod(context, { contract, options, now: asOf ?? now });
    const from = period.at(0);
    const to = period.at(-1);
    return from === undefined || to === undefined
      ? []
      : { contract, from, to, keys: options.key, asOf };
  });
}

/** As the file's name ends, which is not to disagree with `--format`; CSV where nothing says otherwise. */
function readFormat({ format, out }: Pick<ExportOptions, 'format' | 'out'>): ExportFormat {
  const ending = extname(out).toLowerCase();
  if (out === standardOutput || ending === '') {
    return format ?? 'csv';
  }
  const named = exportFormats.find((known) => `.${known}` === ending);
  if (named === undefined) {
    const endings = exportFormats.map((known) => `.${known}`).join(' or ');
    throw usageError(
      `export to ${out}: its name must end in ${endings}, or be - for standard output`,
    );
  }
  if (format !== undefined && format !== named) {
    throw usageError(`export to ${out}: --format ${format} is not what ${ending} says`);
  }
  return named;
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
