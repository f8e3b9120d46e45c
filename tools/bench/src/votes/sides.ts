import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { controlTotalNames, ingestReportSchema, zeroTotals } from '@sluice/schemas';
import type { ControlTotals, FileOutcome } from '@sluice/schemas';
import { z } from 'zod';

import type { CaseContext, Side } from '../bench-case.ts';
import { requireEqual, requireSuccess } from '../checks.ts';
import { emptyFolder } from '../empty-folder.ts';
import { parseOutput } from '../parse-output.ts';
import { runOrFail } from '../run-or-fail.ts';
import { scriptUrl } from '../script-url.ts';
import type { VotesFile } from './votes-files.ts';

/** The launcher of `votes-ingest`: what `npx votes-ingest` starts. */
export const votesIngest = fileURLToPath(
  new URL('../../../../apps/votes-ingest/bin/votes-ingest.js', import.meta.url),
);

/** All values are texts: sums of Ids exceed what a number holds. */
const columnSumsSchema = z.record(z.string(), z.string().nullable());

/** Less than any Id. */
const everyId = '0';

/** Bare DuckDB that reads the file into a typed table: the yardstick of all loads. */
export function bareLoad(
  context: CaseContext,
  { side, file }: { readonly side: 'a' | 'b'; readonly file: VotesFile },
): Side {
  return yardstickLoad(context, {
    side,
    file,
    label: 'bare DuckDB: create table as select',
    script: 'votes/yardstick/create-table',
  });
}

/** Node's readline, `JSON.parse` and DuckDB's appender, row by row. */
export function rowByRowLoad(
  context: CaseContext,
  { side, file }: { readonly side: 'a' | 'b'; readonly file: VotesFile },
): Side {
  return yardstickLoad(context, {
    side,
    file,
    label: 'readline + JSON.parse + appender',
    script: 'votes/yardstick/append-rows',
  });
}

function yardstickLoad(
  context: CaseContext,
  yardstick: {
    readonly side: 'a' | 'b';
    readonly file: VotesFile;
    readonly label: string;
    readonly script: string;
  },
): Side {
  const { file, label } = yardstick;
  const folder = join(context.folder, yardstick.side);
  const databasePath = join(folder, 'votes.db');
  return {
    label,
    work: { rows: file.totals.read, bytes: file.bytes },
    args: [fileURLToPath(scriptUrl(yardstick.script)), databasePath, file.path],
    prepare: () => emptyFolder(folder),
    check: async (run) => {
      requireSuccess(label, run);
      const sums = await sumColumns(context, { databasePath, table: 'votes' });
      requireEqual(`${label}: rows`, sums['count'], String(file.totals.read));
      return sums;
    },
  };
}

/** What a run of `votes-ingest ingest` starts from, and has to do. */
export interface IngestOptions {
  readonly side: 'a' | 'b';
  readonly label?: string;
  readonly file: VotesFile;
  /** A folder with a warehouse that each run gets a copy of. @default a fresh warehouse */
  readonly copyOf?: string;
  /** A folder whose warehouse all runs work on. @default a folder of its own, emptied each time */
  readonly within?: string;
  readonly flags?: readonly string[];
  readonly outcome?: FileOutcome;
  /** What it has to count. @default what the file holds */
  readonly totals?: Partial<ControlTotals>;
  /** Rows of the table afterwards. @default as many as are accepted */
  readonly tableRows?: number;
  /** The first Id whose rows have to be those of the other side. @default all rows are compared */
  readonly firstComparedId?: string;
  /** Whether its rows have to be those of the other side. @default true */
  readonly isCompared?: boolean;
}

/** `votes-ingest ingest` of one file. */
export function ingest(context: CaseContext, options: IngestOptions): Side {
  const { file, label = 'votes-ingest ingest', copyOf, within, outcome = 'ingested' } = options;
  const folder = within ?? join(context.folder, options.side);
  const databasePath = warehouseIn(folder);
  const expected = { ...zeroTotals, ...(options.totals ?? file.totals) };
  const tableRows = options.tableRows ?? expected.accepted;
  return {
    label,
    work: { rows: file.totals.read, bytes: file.bytes },
    args: ingestArguments({ file, folder, flags: options.flags ?? [] }),
    prepare: async () => {
      if (within !== undefined) return;
      await emptyFolder(folder);
      if (copyOf !== undefined) await cp(copyOf, folder, { recursive: true });
    },
    check: async (run) => {
      requireSuccess(label, run);
      const report = parseOutput(ingestReportSchema, run.stdout, label);
      requireEqual(`${label}: outcome`, report.files[0]?.outcome, outcome);
      for (const name of controlTotalNames) {
        requireEqual(`${label}: ${name}`, report.totals[name], expected[name]);
      }
      const table = 'blog_analysis.votes';
      const sums = await sumColumns(context, { databasePath, table });
      requireEqual(`${label}: rows of the table`, sums['count'], String(tableRows));
      if (options.isCompared === false) return undefined;
      const firstId = options.firstComparedId;
      return firstId === undefined ? sums : sumColumns(context, { databasePath, table, firstId });
    },
  };
}

/** Ingests a file, not timed, and gives the folder with the warehouse. */
export async function prepareWarehouse(context: CaseContext, file: VotesFile): Promise<string> {
  const folder = join(context.folder, 'prepared');
  await emptyFolder(folder);
  const args = ingestArguments({ file, folder, flags: [] });
  await runOrFail(context, 'prepare a warehouse', args);
  return folder;
}

/** The warehouse in a folder that {@link prepareWarehouse} or a run of {@link ingest} filled. */
export function warehouseIn(folder: string): string {
  return join(folder, 'warehouse.db');
}

function ingestArguments({
  file,
  folder,
  flags,
}: {
  readonly file: VotesFile;
  readonly folder: string;
  readonly flags: readonly string[];
}): string[] {
  const warehouse = ['--warehouse', warehouseIn(folder)];
  return [votesIngest, 'ingest', file.path, ...warehouse, '--format', 'json', ...flags];
}

async function sumColumns(
  context: CaseContext,
  of: { readonly databasePath: string; readonly table: string; readonly firstId?: string },
): Promise<Readonly<Record<string, string | null>>> {
  const script = fileURLToPath(scriptUrl('votes/yardstick/sum-columns'));
  const { databasePath, table, firstId = everyId } = of;
  const args = [script, databasePath, table, firstId];
  const what = `sum the columns of ${table} in ${databasePath}`;
  return parseOutput(columnSumsSchema, await runOrFail(context, what, args), what);
}
