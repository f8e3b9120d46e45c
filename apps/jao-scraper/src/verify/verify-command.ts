import { CommandError, printJson, printTable, say, startProgress } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { JaoVerifyReport } from '@sluice/schemas/jao';
import { compareSchema, isCurrent } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';

import type { CommandContext } from '../command-context.ts';
import { migrations, withOpenDatabase } from '../database/open-database.ts';
import { selectRecorded } from '../replay/select-recorded.ts';
import type { RecordedOptions } from '../replay/select-recorded.ts';
import { verify } from './verify.ts';

const concurrency = 2;
/** A terminal that is not wider than usual. */
const maxTableWidth = 120;
/** As much of a difference as a table shows: ranges may name hundreds of keys. */
const maxMessageLength = 240;

/** The options of `verify`. */
export interface VerifyCommandOptions extends RecordedOptions {
  readonly format: Format;
}

/** `jao-scraper verify`: see {@link verify}. */
export async function verifyCommand(
  context: CommandContext,
  options: VerifyCommandOptions,
): Promise<ExitCode> {
  const report = await withOpenDatabase(context, { role: 'worker', poolSize: concurrency }, (db) =>
    verifyStored(context, db, options),
  );
  printReport(context, report, options.format);
  return report.outcome === 'passed' ? exitCodes.done : exitCodes.fellShort;
}

async function verifyStored(
  context: CommandContext,
  db: PostgresDatabase,
  options: VerifyCommandOptions,
): Promise<JaoVerifyReport> {
  if (!isCurrent(await compareSchema(db, migrations))) {
    throw new CommandError(
      `${db.label} has another schema than this program; see jao-scraper database status`,
      { exitCode: exitCodes.failed },
    );
  }
  const recorded = await selectRecorded(context, db, options);
  const progress = await startProgress(context.messages, {
    name: 'days',
    size: 1,
    digits: 0,
    rateDigits: 0,
  });
  let done = 0;
  progress.start(
    'compared',
    recorded.reduce((sum, { days }) => sum + days.length, 0),
  );
  try {
    return await verify(db, {
      recorded,
      concurrency,
      nowMs: context.now().getTime(),
      signal: context.signal,
      onDay: () => {
        done += 1;
        progress.update(done);
      },
    });
  } finally {
    progress.stop();
  }
}

function printReport(context: CommandContext, report: JaoVerifyReport, format: Format): void {
  if (format === 'json') {
    printJson(context, report);
    return;
  }
  printTable(
    context,
    ['dataset', 'days', 'payloads', 'versions'],
    report.datasets.map(({ region, dataset, days, payloads, cells }) => [
      `${region}/${dataset}`,
      days,
      payloads,
      cells,
    ]),
  );
  printTable(
    context,
    ['check', 'outcome', 'message'],
    report.checks.map(({ id, outcome, message }) => [id, outcome, shorten(message)]),
    { maxWidth: maxTableWidth },
  );
  const { count, listed } = report.differences;
  if (count > 0) {
    printTable(
      context,
      ['check', 'dataset', 'day', `difference (${listed.length} of ${count})`],
      listed.map(({ check, dataset, businessDay, message }) => [
        check,
        dataset,
        businessDay,
        shorten(message),
      ]),
      { maxWidth: maxTableWidth },
    );
    if (listed.some(({ message }) => message.length > maxMessageLength)) {
      say(context, 'differences are shortened; --format json has them whole');
    }
  }
}

function shorten(message: string): string {
  return message.length > maxMessageLength ? `${message.slice(0, maxMessageLength - 1)}…` : message;
}
