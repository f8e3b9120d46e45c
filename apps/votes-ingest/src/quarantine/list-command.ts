import {
  decisionCells,
  decisionColumns,
  parseEntryStates,
  printCsv,
  printJsonItems,
  printTable,
  say,
} from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { DuckDbWarehouse } from '@sluice/warehouse';

import type { CommandContext } from '../command-context.ts';
import { readWarehouse } from '../warehouse/read-warehouse.ts';
import { parseEntryFilter, refuseUnknownNames } from './entry-filter.ts';
import type { EntryFilterOptions } from './entry-filter.ts';
import { countEntries, readEntries } from './read-entries.ts';
import type { EntryFilter, EntryRow } from './read-entries.ts';
import { toEntry } from './to-entry.ts';

/** More rows than this are read by programs, not by people. */
const maxTableRows = 1_000;
/** Characters of a cell of the table. */
const maxCellLength = 80;

const csvColumns = [
  ...(['id', 'runId', 'file', 'line', 'reason', 'checkId', 'message', 'raw', 'rawBase64'] as const),
  ...(['rawBytes', 'rawSha256', 'contractVersion', 'createdAt', 'state'] as const),
] as const satisfies readonly (keyof EntryRow)[];

/** The options of `quarantine`. */
export interface QuarantineCommandOptions extends EntryFilterOptions {
  readonly state?: readonly string[];
  readonly format: Format;
}

/** `votes-ingest quarantine`: prints entries, the open ones unless others are asked for, by id. */
export async function quarantineCommand(
  context: CommandContext,
  options: QuarantineCommandOptions,
): Promise<ExitCode> {
  const filter = { ...parseEntryFilter(options), states: parseEntryStates(options.state) };
  await readWarehouse(context, async (warehouse) => {
    await refuseUnknownNames(warehouse, filter);
    if (options.format === 'json') {
      await printJsonItems(context, toItems(readEntries(warehouse, filter)));
    } else if (options.format === 'csv') {
      const columns = [...csvColumns, ...decisionColumns].map((name) => ({ name }));
      await printCsv(context, columns, csvRows(readEntries(warehouse, filter)));
    } else {
      await printEntryTable(context, warehouse, filter);
    }
  });
  return exitCodes.done;
}

async function* toItems(pages: AsyncIterable<EntryRow[]>) {
  for await (const entries of pages) {
    yield entries.map(toEntry);
  }
}

async function* csvRows(pages: AsyncIterable<EntryRow[]>) {
  for await (const entries of pages) {
    yield entries.map((entry) => [
      ...csvColumns.map((name) => entry[name]),
      ...decisionCells(entry.decision),
    ]);
  }
}

async function printEntryTable(
  context: CommandContext,
  warehouse: DuckDbWarehouse,
  filter: EntryFilter,
): Promise<void> {
  const rows: (string | number)[][] = [];
  const showsState = filter.states?.some((state) => state !== 'open') === true;
  for await (const entries of readEntries(warehouse, filter)) {
    for (const { id, file, line, reason, message, raw, rawBase64, state } of entries) {
      const text = raw ?? `base64 ${rawBase64 ?? ''}`;
      const states = showsState ? [state] : [];
      rows.push([id, ...states, file, line, reason, shorten(message), shorten(text)]);
    }
    if (rows.length >= maxTableRows) {
      break;
    }
  }
  const shown = rows.slice(0, maxTableRows);
  const head = ['id', ...(showsState ? ['state'] : []), 'file', 'line', 'reason', 'message', 'raw'];
  printTable(context, head, shown);
  const total = await countEntries(warehouse, filter);
  if (total > shown.length) {
    say(context, `these are the first ${shown.length} of ${total}; --format json or csv has all`);
  }
}

function shorten(text: string): string {
  return text.length > maxCellLength ? `${text.slice(0, maxCellLength)}…` : text;
}
