import { printCsv, printTable, say, writePieces } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode, QuarantineEntry } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import type { CommandContext } from '../command-context.ts';
import { readWarehouse } from '../warehouse/read-warehouse.ts';
import { parseEntryFilter, refuseUnknownRun } from './entry-filter.ts';
import type { EntryFilterOptions } from './entry-filter.ts';
import { countOpenEntries, readOpenEntries } from './open-entries.ts';
import type { EntryFilter, EntryRow } from './open-entries.ts';

/** More rows than this are read by programs, not by people. */
const maxTableRows = 1_000;
/** Characters of a cell of the table. */
const maxCellLength = 80;

const csvColumns = [
  'id',
  'runId',
  'file',
  'line',
  'reason',
  'message',
  'raw',
  'rawBase64',
  'rawBytes',
  'rawSha256',
  'contractVersion',
  'state',
] as const satisfies readonly (keyof EntryRow)[];

/** The options of `quarantine`. */
export interface QuarantineCommandOptions extends EntryFilterOptions {
  readonly format: Format;
}

/** `votes-ingest quarantine`: prints all open entries, in the order of their ids. */
export async function quarantineCommand(
  context: CommandContext,
  options: QuarantineCommandOptions,
): Promise<ExitCode> {
  const filter = parseEntryFilter(options);
  await readWarehouse(context, async (warehouse) => {
    await refuseUnknownRun(warehouse, filter);
    if (options.format === 'json') {
      await writePieces(context.output, jsonPieces(readOpenEntries(warehouse, filter)));
    } else if (options.format === 'csv') {
      const columns = csvColumns.map((name) => ({ name }));
      await printCsv(context, columns, csvRows(readOpenEntries(warehouse, filter)));
    } else {
      await printEntryTable(context, warehouse, filter);
    }
  });
  return exitCodes.done;
}

async function* jsonPieces(pages: AsyncIterable<EntryRow[]>): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const entries of pages) {
    yield separator + entries.map((entry) => JSON.stringify(toEntry(entry))).join(',\n');
    separator = ',\n';
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}

function toEntry({ raw, rawBase64, rawSha256, ...entry }: EntryRow): QuarantineEntry {
  const { id, runId, file, line, reason, message, rawBytes, contractVersion, state } = entry;
  return {
    id,
    runId,
    file,
    line,
    reason,
    message,
    ...(raw === null ? {} : { raw }),
    ...(rawBase64 === null ? {} : { rawBase64 }),
    rawBytes,
    ...(rawSha256 === null ? {} : { rawSha256 }),
    contractVersion,
    state,
  };
}

async function* csvRows(pages: AsyncIterable<EntryRow[]>) {
  for await (const entries of pages) {
    yield entries.map((entry) => csvColumns.map((name) => entry[name]));
  }
}

async function printEntryTable(
  context: CommandContext,
  warehouse: DuckDbWarehouse,
  filter: EntryFilter,
): Promise<void> {
  const rows: (string | number)[][] = [];
  for await (const entries of readOpenEntries(warehouse, filter)) {
    for (const { id, file, line, reason, message, raw, rawBase64 } of entries) {
      const text = raw ?? `base64 ${rawBase64 ?? ''}`;
      rows.push([id, file, line, reason, shorten(message), shorten(text)]);
    }
    if (rows.length >= maxTableRows) {
      break;
    }
  }
  const shown = rows.slice(0, maxTableRows);
  printTable(context, ['id', 'file', 'line', 'reason', 'message', 'raw'], shown);
  const total = await countOpenEntries(warehouse, filter);
  if (total > shown.length) {
    say(context, `these are the first ${shown.length} of ${total}; --format json or csv has all`);
  }
}

function shorten(text: string): string {
  return text.length > maxCellLength ? `${text.slice(0, maxCellLength)}…` : text;
}
