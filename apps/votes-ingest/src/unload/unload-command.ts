import { CommandError, printJson, printTable, say } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode, UnloadReport } from '@sluice/schemas';
import { existsSync } from 'node:fs';

import type { CommandContext } from '../command-context.ts';
import { HashedInput } from '../input/byte-source.ts';
import { runInLedger } from '../warehouse/ledger-run.ts';
import { openForWriting } from '../warehouse/open-warehouse.ts';
import { warehouseOptions } from '../warehouse/warehouse-options.ts';
import { planUnload, unload } from './unload.ts';

const sha256Pattern = /^[0-9a-f]{64}$/i;

/** The options of `unload`. */
export interface UnloadCommandOptions {
  /** One file, or its SHA-256. */
  readonly args: readonly string[];
  readonly force?: boolean;
  readonly format: Format;
}

/** `votes-ingest unload`: takes a file's rows out again, on record; see {@link unload}. */
export async function unloadCommand(
  context: CommandContext,
  { args, force = false, format }: UnloadCommandOptions,
): Promise<ExitCode> {
  const sha256 = await sha256Of(args[0] ?? '', context.signal);
  const warehouse = await openForWriting(warehouseOptions(context), { mustExist: true });
  try {
    const plan = await planUnload(warehouse, { sha256, acceptsSharing: force });
    const { result, exitCode } = await runInLedger(context, warehouse, 'unload', (runId) =>
      unload(warehouse, runId, plan),
    );
    printReport(context, format, result);
    return exitCode;
  } finally {
    warehouse.close();
  }
}

async function sha256Of(fileOrHash: string, signal: AbortSignal): Promise<string> {
  if (sha256Pattern.test(fileOrHash)) {
    return fileOrHash.toLowerCase();
  }
  if (!existsSync(fileOrHash)) {
    throw new CommandError(
      `unload ${fileOrHash}: there is no such file, and it is no SHA-256. Nothing was changed; ` +
        'votes-ingest runs --format json has the SHA-256 of each file',
      { exitCode: exitCodes.usage },
    );
  }
  let input: HashedInput | undefined;
  try {
    input = await HashedInput.open(fileOrHash, { signal });
    await input.drain();
    return await input.sha256();
  } catch (cause) {
    if (signal.aborted) {
      throw cause;
    }
    throw new CommandError(
      `unload ${fileOrHash}: it can not be read, nothing was changed: ${String(cause)}`,
      { cause },
    );
  } finally {
    await input?.close();
  }
}

function printReport(context: CommandContext, format: Format, report: UnloadReport): void {
  const { paths, sha256, unloadedRows, discardedEntries, endedDecisions, ingestAgain } = report;
  if (format === 'json') {
    printJson(context, report);
  } else {
    printTable(
      context,
      ['unloaded', 'rows', 'quarantine entries discarded'],
      [[paths.join(', '), unloadedRows, discardedEntries]],
    );
  }
  if (endedDecisions > 0) {
    const withOthers =
      discardedEntries === 0
        ? ''
        : `, and with them the entries that were open, which this unload discarded: ${discardedEntries}`;
    say(
      context,
      `decisions on its records end with it: ${endedDecisions}; ingested again, those records are judged anew. ` +
        `votes-ingest quarantine --state discarded released --file ${sha256} lists them${withOthers}`,
    );
  }
  if (ingestAgain.length === 0) {
    return;
  }
  say(context, 'records went that other files have too; to bring them back, ingest in this order:');
  for (const { path, sha256, onConflict } of ingestAgain) {
    say(context, `- ${path} (--on-conflict ${onConflict}, sha256 ${sha256})`);
  }
}
