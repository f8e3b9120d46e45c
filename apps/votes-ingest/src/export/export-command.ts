import { CommandError, printCsv, refuseBadTarget } from '@sluice/command-line';
import { exitCodes } from '@sluice/schemas';
import type { ExitCode } from '@sluice/schemas';
import { streamRows } from '@sluice/warehouse';
import { extname, resolve } from 'node:path';

import type { CommandContext } from '../command-context.ts';
import { readWarehouse } from '../warehouse/read-warehouse.ts';
import { csvSql, exportedNames, exportedRelations, typedSql } from './exported-relations.ts';
import type { ExportedName } from './exported-relations.ts';
import { writeExport } from './write-export.ts';

const standardOutput = '-';

/** The options of `export`. */
export interface ExportOptions {
  /** The relation. */
  readonly args: readonly string[];
  /** A `.parquet` or `.csv` file, or `-`: CSV to standard output. */
  readonly out: string;
  readonly overwrite?: boolean;
}

/** `votes-ingest export`: a relation as a Parquet or CSV file, or as CSV to standard output. */
export async function exportCommand(
  context: CommandContext,
  { args, out, overwrite = false }: ExportOptions,
): Promise<ExitCode> {
  const name = exportedNames.find((known) => known === args[0]);
  if (name === undefined) {
    throw new CommandError(
      `export: there is no relation ${JSON.stringify(args[0])}; choose ${exportedNames.join(', ')}`,
      { exitCode: exitCodes.usage },
    );
  }
  if (out === standardOutput) {
    await printRelation(context, name);
    return exitCodes.done;
  }
  const kind = fileKind(out);
  const target = { path: resolve(out), overwrite, doing: 'export' };
  refuseBadTarget(target);
  const relation = exportedRelations[name];
  const { rowCount, sizeBytes } = await readWarehouse(context, (warehouse) =>
    writeExport(warehouse, {
      sql: kind === 'parquet' ? typedSql(relation) : csvSql(relation),
      kind,
      target,
    }),
  );
  context.messages.write(
    `votes-ingest: wrote ${rowCount} rows of ${name}, ${sizeBytes} bytes, to ${out}\n`,
  );
  return exitCodes.done;
}

async function printRelation(context: CommandContext, name: ExportedName): Promise<void> {
  await readWarehouse(context, async (warehouse) => {
    const { columns, batches } = await streamRows(warehouse, csvSql(exportedRelations[name]));
    await printCsv(context, columns, batches);
  });
}

function fileKind(out: string): 'parquet' | 'csv' {
  switch (extname(out).toLowerCase()) {
    case '.parquet':
      return 'parquet';
    case '.csv':
      return 'csv';
    default:
      throw new CommandError(
        `export to ${out}: its name must end in .parquet or .csv, or be - for CSV to standard output`,
        { exitCode: exitCodes.usage },
      );
  }
}
