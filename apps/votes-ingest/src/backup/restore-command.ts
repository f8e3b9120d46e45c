import { printJson, printTable, say } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import type { ExitCode, RestoreReport } from '@sluice/schemas';

import type { CommandContext } from '../command-context.ts';
import { runInLedger } from '../warehouse/ledger-run.ts';
import { openForWriting } from '../warehouse/open-warehouse.ts';
import { warehouseOptions } from '../warehouse/warehouse-options.ts';
import { restoreBackup } from './restore.ts';

/** The options of `restore`. */
export interface RestoreCommandOptions {
  /** One folder that `backup` made. */
  readonly args: readonly string[];
  readonly replace?: boolean;
  readonly format: Format;
}

/**
 * `votes-ingest restore`: see {@link restoreBackup}. The restored warehouse records it as a run of
 * its ledger.
 */
export async function restoreCommand(
  context: CommandContext,
  { args, replace = false, format }: RestoreCommandOptions,
): Promise<ExitCode> {
  const options = warehouseOptions(context);
  const { manifest, replaced } = await restoreBackup({
    folder: args[0] ?? '',
    warehouse: options,
    isReplacing: replace,
    signal: context.signal,
    now: context.now(),
  });
  say(context, `${options.path} is the backup of ${manifest.createdAt} now`);
  const warehouse = await openForWriting(options);
  try {
    const { runId, exitCode } = await runInLedger(context, warehouse, 'restore', () =>
      Promise.resolve(),
    );
    const report: RestoreReport = {
      runId,
      warehouse: options.path,
      backup: manifest,
      replaced: [...replaced],
    };
    printReport(context, format, report);
    return exitCode;
  } finally {
    warehouse.close();
  }
}

function printReport(context: CommandContext, format: Format, report: RestoreReport): void {
  if (format === 'json') {
    printJson(context, report);
    return;
  }
  const { warehouse, backup, replaced } = report;
  printTable(
    context,
    ['restored', 'rows', 'runs', 'made at'],
    [[warehouse, backup.contents.rows, backup.contents.runs, backup.createdAt]],
  );
  for (const path of replaced) {
    say(context, `what stood there before was kept as ${path}`);
  }
}
