import { CommandError, printJson, say } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { userInfo } from 'node:os';

import type { CommandContext } from '../command-context.ts';
import { withMigratedDatabase } from '../database/open-database.ts';
import { selectDatasets } from '../datasets/select-datasets.ts';
import { readDatabase } from '../reading/open-for-reading.ts';
import { printRows } from '../reading/print-rows.ts';
import { refuseUnknownKeys } from '../reading/refuse-unknown-keys.ts';
import { readDatasetIds } from '../store/catalogue.ts';
import {
  absenceCells,
  absenceColumns,
  absenceSqlRow,
  printedAbsenceColumns,
} from './absence-row.ts';
import type { AbsenceSqlRow } from './absence-row.ts';
import { readAbsencePeriod } from './read-absence-period.ts';
import { recordAbsence, withdrawAbsence } from './store-absence.ts';

/** The options of `absence add`. */
export interface AbsenceAddOptions {
  readonly dataset: string;
  readonly key?: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly evidence: string;
  readonly by?: string;
  readonly format: Format;
}

/** The options of `absence withdraw`. */
export interface AbsenceWithdrawOptions {
  /** The number. */
  readonly args: readonly string[];
  readonly reason: string;
  readonly by?: string;
  readonly format: Format;
}

/** The options of `absence list`. */
export interface AbsenceListOptions {
  readonly dataset?: readonly string[];
  readonly format: Format;
}

/**
 * `jao-scraper absence add`: records that the source has none of some cells, with reason and evidence.
 * They are `unavailable` from now on, and what was believed before stays on record.
 */
export async function absenceAddCommand(
  context: CommandContext,
  options: AbsenceAddOptions,
): Promise<ExitCode> {
  const [contract] = selectDatasets([options.dataset]);
  if (contract === undefined) {
    throw new RangeError('a dataset that was named is selected, or refused');
  }
  const period = readAbsencePeriod(contract, options);
  const reason = requireText('--reason', options.reason);
  const evidence = requireText('--evidence', options.evidence);
  const keys = options.key === undefined ? undefined : [...new Set(options.key)];
  await withMigratedDatabase(context, { role: 'worker', poolSize: 1 }, async (db) => {
    await db.read((tx) => refuseUnknownKeys(tx, { keys, datasets: [contract.name] }));
    const datasetIds = await readDatasetIds(db);
    const { absence, isNew } = await recordAbsence(db, {
      datasetId: datasetIds.get(contract.name) ?? -1,
      keys,
      ...period,
      reason,
      evidence,
      by: whoActs(options.by),
    });
    if (!isNew) {
      say(context, `absence ${absence.absence_id} says so already; nothing was added`);
    }
    await printAbsence(context, options.format, absence);
  });
  return exitCodes.done;
}

/** `jao-scraper absence withdraw`: from now on it does not hold; that it did stays on record. */
export async function absenceWithdrawCommand(
  context: CommandContext,
  { args: [number = ''], reason, by, format }: AbsenceWithdrawOptions,
): Promise<ExitCode> {
  if (!/^[1-9]\d{0,8}$/.test(number)) {
    throw usageError(`${JSON.stringify(number)} is no number of an absence; see absence list`);
  }
  const why = requireText('--reason', reason);
  await withMigratedDatabase(context, { role: 'worker', poolSize: 1 }, async (db) => {
    const stored = await withdrawAbsence(db, {
      absenceId: Number(number),
      reason: why,
      by: whoActs(by),
    });
    if (stored === undefined) {
      throw usageError(`there is no absence ${number}; see absence list`);
    }
    if (!stored.isNew) {
      say(context, `absence ${number} was withdrawn before; nothing was changed`);
    }
    await printAbsence(context, format, stored.absence);
  });
  return exitCodes.done;
}

/** `jao-scraper absence list`: every absence that was ever recorded, withdrawn ones included. */
export async function absenceListCommand(
  context: CommandContext,
  { dataset, format }: AbsenceListOptions,
): Promise<ExitCode> {
  const names = dataset === undefined ? null : selectDatasets(dataset).map(({ name }) => name);
  await readDatabase(context, async (tx) => {
    const batches = tx.stream(
      absenceSqlRow,
      `select ${absenceColumns} from jao.absence
       where $1::text[] is null or region || '/' || dataset = any($1) order by absence_id`,
      [names],
    );
    async function* cells() {
      for await (const rows of batches) {
        yield rows.map(absenceCells);
      }
    }
    const count = await printRows(context, format, printedAbsenceColumns, cells());
    if (count === 0) {
      say(context, 'no absence is on record');
    }
  });
  return exitCodes.done;
}

async function printAbsence(
  context: CommandContext,
  format: Format,
  absence: AbsenceSqlRow,
): Promise<void> {
  const cells = absenceCells(absence);
  if (format === 'json') {
    printJson(
      context,
      Object.fromEntries(printedAbsenceColumns.map(({ member }, index) => [member, cells[index]])),
    );
    return;
  }
  async function* one() {
    yield await Promise.resolve([cells]);
  }
  await printRows(context, format, printedAbsenceColumns, one());
}

function requireText(flag: string, text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') {
    throw usageError(
      `${flag}: must not be empty; whoever reads it later has nothing else to go by`,
    );
  }
  return trimmed;
}

/** Who is on record: who was named, or the account that runs this. */
function whoActs(named: string | undefined): string {
  if (named !== undefined) {
    return requireText('--by', named);
  }
  try {
    return userInfo().username;
  } catch {
    // In a container the account may have a number and no name.
    return `uid ${String(process.getuid?.() ?? 'unknown')}`;
  }
}

function usageError(message: string): CommandError {
  return new CommandError(message, { exitCode: exitCodes.usage });
}
