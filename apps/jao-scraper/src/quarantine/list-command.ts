import {
  decisionCells,
  decisionColumns,
  printCsv,
  printJsonItems,
  printTable,
  say,
} from '@sluice/command-line';
import type { CellValue, Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import type { QuarantinedCell } from '@sluice/schemas/jao';

import type { CommandContext } from '../command-context.ts';
import { CountedBatches } from '../reading/counted-batches.ts';
import { readDatabase } from '../reading/open-for-reading.ts';
import { parseEntryFilter } from './entry-filter.ts';
import type { EntryFilterOptions } from './entry-filter.ts';
import { streamEntries } from './read-entries.ts';
import { refuseUnknownNames } from './refuse-unknown-names.ts';

/** More rows than anybody reads in a terminal. */
const maxTableRows = 1_000;
/** Characters of a cell of the table. */
const maxCellLength = 60;

const csvColumns = [
  ...(['id', 'runId', 'dataset', 'businessDay', 'key', 'deliveryStart', 'reason'] as const),
  ...(['checkId', 'message', 'raw', 'rawLength', 'url', 'pointer', 'attemptId'] as const),
  ...(['contractVersion', 'createdAt', 'state'] as const),
] as const satisfies readonly (keyof QuarantinedCell)[];

/** The options of `quarantine`. */
export interface QuarantineCommandOptions extends EntryFilterOptions {
  readonly format: Format;
}

/**
 * `jao-scraper quarantine`: prints entries, the open ones unless others are asked for, by id. Needs the
 * rights of a reader only.
 */
export async function quarantineCommand(
  context: CommandContext,
  options: QuarantineCommandOptions,
): Promise<ExitCode> {
  const filter = parseEntryFilter(options);
  await readDatabase(context, async (tx) => {
    await refuseUnknownNames(tx, filter);
    const batches = new CountedBatches(streamEntries(tx, filter));
    switch (options.format) {
      case 'json':
        await printJsonItems(context, batches);
        break;
      case 'csv': {
        const columns = [...csvColumns, ...decisionColumns].map((name) => ({ name }));
        await printCsv(context, columns, csvRows(batches));
        break;
      }
      case 'table':
        await printEntryTable(context, batches);
        break;
    }
    if (batches.rows === 0) {
      const isOpenOnly = options.state === undefined;
      say(
        context,
        isOpenOnly
          ? 'no entry of these is open; --state all lists decided ones too'
          : 'there is no such entry',
      );
    }
  });
  return exitCodes.done;
}

async function* csvRows(
  batches: AsyncIterable<readonly QuarantinedCell[]>,
): AsyncGenerator<readonly CellValue[][]> {
  for await (const entries of batches) {
    yield entries.map((entry) => [
      ...csvColumns.map((name) => entry[name] ?? null),
      ...decisionCells(entry.decision),
    ]);
  }
}

async function printEntryTable(
  context: CommandContext,
  batches: CountedBatches<QuarantinedCell>,
): Promise<void> {
  const rows: (string | number | null)[][] = [];
  for await (const entries of batches) {
    for (const entry of entries.slice(0, maxTableRows - rows.length)) {
      const { id, state, dataset, businessDay, key, deliveryStart, reason, raw } = entry;
      rows.push([id, state, dataset, businessDay, key, deliveryStart, reason, shorten(raw ?? '')]);
    }
  }
  printTable(
    context,
    ['id', 'state', 'dataset', 'day', 'key', 'delivery start', 'reason', 'raw'],
    rows,
  );
  if (batches.rows > rows.length) {
    say(
      context,
      `these are the first ${rows.length} of ${batches.rows}; --format json or csv has all`,
    );
  }
}

function shorten(text: string): string {
  return text.length > maxCellLength ? `${text.slice(0, maxCellLength)}…` : text;
}
