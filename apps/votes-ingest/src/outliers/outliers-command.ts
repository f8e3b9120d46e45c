import { CommandError, printCsv, printJson, printTable } from '@sluice/command-line';
import type { Format } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { DuckDbWarehouse, WarehouseError } from '@sluice/warehouse';
import { existsSync } from 'node:fs';
import { z } from 'zod';

import type { CommandContext } from '../command-context.ts';
import { refuseLostTail, refuseVanished } from '../warehouse/open-warehouse.ts';
import { warehouseOptions } from '../warehouse/warehouse-options.ts';
import {
  createOutlierWeeks,
  readOutlierWeeks,
  readWeeklyVotes,
  weekVotesColumns,
} from './outlier-weeks.ts';
import type { WeekVotes } from './outlier-weeks.ts';

const defaultColumns = 80;

/** The options of `outliers`. */
export interface OutliersOptions {
  readonly format: Format;
  /** @default only for a table on a terminal */
  readonly chart?: boolean;
}

/**
 * `votes-ingest outliers`: makes the view `blog_analysis.outlier_weeks` anew and prints what it
 * shows. Needs nothing of a DuckDB file but a table `blog_analysis.votes` with a `CreationDate`.
 */
export async function outliersCommand(
  context: CommandContext,
  { format, chart }: OutliersOptions,
): Promise<ExitCode> {
  const { config, output } = context;
  await refuseVanished(config.warehouse);
  if (!existsSync(config.warehouse)) {
    throw new CommandError(
      `open warehouse ${config.warehouse}: there is no such file; ${howToIngest(config.warehouse)}`,
    );
  }
  const isDrawn = chart ?? (format === 'table' && output.isTTY);
  const { warehouse, isWritable } = await openToWriteOrRead(context);
  const { outliers, weeks } = await warehouse
    .interruptible(context.signal, async () => {
      await refuseMissingVotes(warehouse);
      await refuseLostTail(warehouse);
      if (isWritable) {
        await createOutlierWeeks(warehouse);
      }
      return {
        outliers: await readOutlierWeeks(warehouse),
        weeks: isDrawn ? await readWeeklyVotes(warehouse) : [],
      };
    })
    .finally(() => {
      warehouse.close();
    });
  await printOutliers(context, format, outliers);
  await printChart(context, format, { outliers, weeks });
  return exitCodes.done;
}

/** A published copy can not be written, and has the view already. */
async function openToWriteOrRead(context: CommandContext) {
  const options = warehouseOptions(context);
  try {
    const warehouse = await DuckDbWarehouse.open({ ...options, access: 'write' });
    return { warehouse, isWritable: true };
  } catch (cause) {
    if (cause instanceof WarehouseError && cause.code === 'READ_ONLY') {
      const warehouse = await DuckDbWarehouse.open({ ...options, access: 'read' });
      return { warehouse, isWritable: false };
    }
    throw cause;
  }
}

async function refuseMissingVotes(warehouse: DuckDbWarehouse): Promise<void> {
  const columns = await warehouse.rows(
    z.object({ name: z.string() }),
    `select lower(column_name) as name from duckdb_columns()
      where database_name = current_database()
        and lower(schema_name) = 'blog_analysis' and lower(table_name) = 'votes'`,
  );
  if (columns.length === 0) {
    throw new CommandError(
      `read warehouse ${warehouse.path}: it has no table blog_analysis.votes; ` +
        howToIngest(warehouse.path),
    );
  }
  if (!columns.some(({ name }) => name === 'creationdate')) {
    throw new CommandError(
      `read warehouse ${warehouse.path}: its table blog_analysis.votes has no CreationDate`,
    );
  }
}

function howToIngest(path: string): string {
  return `start with: votes-ingest ingest <file> --warehouse ${path}`;
}

async function printOutliers(
  context: CommandContext,
  format: Format,
  outliers: readonly WeekVotes[],
): Promise<void> {
  if (format === 'json') {
    printJson(context, outliers);
    return;
  }
  const rows = outliers.map((week) => weekVotesColumns.map((column) => week[column]));
  if (format === 'table') {
    printTable(context, weekVotesColumns, rows);
    return;
  }
  await printCsv(
    context,
    weekVotesColumns.map((name) => ({ name })),
    [rows],
  );
}

async function printChart(
  context: CommandContext,
  format: Format,
  {
    outliers,
    weeks,
  }: { readonly outliers: readonly WeekVotes[]; readonly weeks: readonly WeekVotes[] },
): Promise<void> {
  if (weeks.length === 0) {
    return;
  }
  const stream = format === 'table' ? context.output : context.messages;
  const { drawWeeks } = await import('./draw-weeks.ts');
  stream.write(
    drawWeeks(weeks, outliers, {
      columns: stream.isTTY ? stream.columns : defaultColumns,
      hasColor: context.hasColor(stream),
    }),
  );
}
