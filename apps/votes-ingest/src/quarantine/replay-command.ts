import {
  CommandError,
  printJson,
  printTable,
  readDecider,
  refuseOtherStates,
  say,
} from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes, failedCheckReason } from '@sluice/schemas';
import type { ExitCode, FileCheck, ReplayReport } from '@sluice/schemas';
import { FileCalendar } from '@sluice/schemas/arrivals';
import { checksOf } from '@sluice/schemas/expectations';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';
import { isShortfall, shortOf } from '../ingest/file-checks.ts';
import { recordFormats } from '../ingest/read-record.ts';
import { Spool } from '../ingest/spool.ts';
import { suiteForPlan } from '../quality/file-volume.ts';
import { sayChecks } from '../quality/say-checks.ts';
import { runInLedger } from '../warehouse/ledger-run.ts';
import { openForWriting } from '../warehouse/open-warehouse.ts';
import { warehouseOptions } from '../warehouse/warehouse-options.ts';
import { parseEntryFilter, refuseUnknownNames } from './entry-filter.ts';
import type { EntryFilterOptions } from './entry-filter.ts';
import { countEntries } from './read-entries.ts';
import type { EntryFilter } from './read-entries.ts';
import { replayFile } from './replay-file.ts';
import type { ReplayedFile } from './replay-file.ts';

/** The options of `quarantine replay`. */
export interface ReplayCommandOptions extends EntryFilterOptions {
  readonly state?: readonly string[];
  readonly by?: string;
  readonly format: Format;
}

/**
 * `votes-ingest quarantine replay`: tries the open entries of ingested files again. A refused file
 * is to be ingested again as a whole, so its entries are left alone; and so is what a check held back,
 * since it was read well enough: that is a person's to release.
 */
export async function replayCommand(
  context: CommandContext,
  options: ReplayCommandOptions,
): Promise<ExitCode> {
  if (options.format === 'csv') {
    throw new CommandError('--format csv: quarantine replay prints a table, or json', {
      exitCode: exitCodes.usage,
    });
  }
  refuseOtherStates(options.state);
  const filter = parseEntryFilter(options);
  const by = readDecider(options.by);
  const warehouse = await openForWriting(warehouseOptions(context), { mustExist: true });
  try {
    await refuseUnknownNames(warehouse, filter);
    const { runId, result, exitCode } = await runInLedger(
      context,
      warehouse,
      'quarantine replay',
      (id) => replayOpenEntries(context, warehouse, { runId: id, filter, by }),
      shortfallOf,
    );
    const { untried, heldBack, ...counts } = result;
    const report: ReplayReport = { runId, ...counts };
    printReport(context, options, report);
    sayChecks(context, report.checks);
    if (untried > 0) {
      say(
        context,
        `${untried} open entries belong to files that were refused; they were not tried, ` +
          'ingest those files again instead',
      );
    }
    if (heldBack > 0) {
      say(
        context,
        `${heldBack} open entries were held back by a check; they keep their contract, so that there ` +
          'is nothing to replay: quarantine release lets them through, quarantine discard does not',
      );
    }
    return exitCode;
  } finally {
    warehouse.close();
  }
}

type ReplayCounts = Omit<ReplayReport, 'runId'> & {
  readonly untried: number;
  readonly heldBack: number;
};

async function replayOpenEntries(
  context: CommandContext,
  warehouse: DuckDbWarehouse,
  {
    runId,
    filter,
    by,
  }: { readonly runId: string; readonly filter: EntryFilter; readonly by: string },
): Promise<ReplayCounts> {
  const files = await findFiles(warehouse);
  const open = await countEntries(warehouse, filter);
  const heldBack =
    filter.reasonCode === undefined || filter.reasonCode === failedCheckReason
      ? await countEntries(warehouse, { ...filter, reasonCode: failedCheckReason })
      : 0;
  const spool = await Spool.create(warehouse);
  const { signal, config } = context;
  const { checks, arrivals, onConflict: policy } = config;
  const replay = {
    ...{ warehouse, spool, runId, policy, filter, by, signal },
    checks: suiteForPlan(checksOf(checks, 'batch'), arrivals),
    calendar: arrivals && new FileCalendar(arrivals),
    now: context.now,
  };
  const counts = { accepted: 0, duplicate: 0, conflicting: 0, tried: 0 };
  const short: FileCheck[] = [];
  try {
    for (const file of files) {
      signal.throwIfAborted();
      const { refusal, ...fileCounts } = await replayFile(replay, file);
      short.push(...shortOf(file.path, fileCounts.checks));
      counts.accepted += fileCounts.accepted;
      counts.duplicate += fileCounts.duplicate;
      counts.conflicting += fileCounts.conflicting;
      counts.tried += fileCounts.tried;
      if (refusal !== undefined) {
        say(context, `${file.path}: ${refusal}; nothing of its quarantine was replayed`);
      }
    }
  } finally {
    spool.close();
  }
  const { tried, ...settled } = counts;
  const replayed = settled.accepted + settled.duplicate + settled.conflicting;
  const stillOpen = tried - replayed;
  const untried = open - heldBack - tried;
  return { replayed, ...settled, stillOpen, checks: short, untried, heldBack };
}

/** As for files that are ingested: a check that fails or can not be evaluated is told by the exit code. */
function shortfallOf({ checks }: ReplayCounts): string | undefined {
  const failed = checks.filter(isShortfall).length;
  return failed === 0 ? undefined : `${failed} checks failed`;
}

async function findFiles(warehouse: DuckDbWarehouse): Promise<ReplayedFile[]> {
  return warehouse.rows(
    z.object({
      fileId: z.int(),
      path: z.string(),
      format: z
        .enum(recordFormats)
        .nullable()
        .transform((format) => format ?? undefined),
    }),
    `select file_id as fileId, path, format from ops.file
      where outcome = 'ingested'
        and file_id in (select file_id from ops.quarantine where state = 'open')
      order by file_id`,
  );
}

function printReport(
  context: CommandContext,
  { format }: ReplayCommandOptions,
  report: ReplayReport,
): void {
  if (format === 'json') {
    printJson(context, report);
    return;
  }
  const { replayed, accepted, duplicate, conflicting, stillOpen } = report;
  printTable(
    context,
    ['replayed', 'accepted', 'duplicate', 'conflicting', 'still open'],
    [[replayed, accepted, duplicate, conflicting, stillOpen]],
  );
}
