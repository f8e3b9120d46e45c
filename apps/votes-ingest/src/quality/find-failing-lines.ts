import { failingRowsStatement } from '@sluice/data-quality';
import type { Dialect, Statement } from '@sluice/data-quality';
import { duckDbEngine } from '@sluice/data-quality/duckdb';
import type { ExpectationSuite, QualityResult } from '@sluice/schemas/expectations';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import type { RejectedLine } from '../ingest/rejected-lines.ts';
import { linesOfRowsSql } from '../ingest/settle.ts';
import { rowsOfFile, votesRelation } from './check-batch.ts';

/** Records whose Id may have been there, as the loader has set them aside. */
const suspectRelation = { schema: 'spool', table: 'suspect' } as const;
/** Kinds that compare rows with each other: what is set aside is not all of the rows. */
const kindsOfSeveralRows: ReadonlySet<string> = new Set(['unique', 'no_overlap', 'sequence']);

/**
 * The lines of a file that some checks fail, in the transaction that has loaded them: of its rows, and of
 * records that became no row, since one of them may take the place of a row that goes.
 */
export async function findFailingLines(
  warehouse: DuckDbWarehouse,
  {
    fileId,
    suite,
    checks,
  }: {
    readonly fileId: number;
    readonly suite: ExpectationSuite;
    readonly checks: readonly QualityResult[];
  },
): Promise<RejectedLine[]> {
  const { dialect } = duckDbEngine(warehouse, { isInTransaction: true });
  await warehouse.run(
    'create or replace temp table failing_line (line bigint, check_order integer)',
  );
  for (const [order, { checkId, kind }] of checks.entries()) {
    await addLinesOfRows(warehouse, failingRows(dialect, { fileId, suite, checkId }), order);
    if (!kindsOfSeveralRows.has(kind)) {
      const relation = suspectRelation;
      const { text, values } = failingRowsStatement(dialect, { suite, checkId, relation });
      await warehouse.run(`insert into temp.failing_line select line, ${order} from (${text})`, [
        ...values,
      ]);
    }
  }
  const lines = await warehouse.rows(
    z.object({ line: z.int(), check: z.int() }),
    'select line, min(check_order) as check from temp.failing_line group by line order by line',
  );
  await warehouse.run('drop table temp.failing_line');
  return lines.map(({ line, check }) => ({ line, checkId: checks[check]?.checkId ?? '' }));
}

function failingRows(
  dialect: Dialect,
  { fileId, suite, checkId }: { fileId: number; suite: ExpectationSuite; checkId: string },
): Statement {
  const scope = rowsOfFile(fileId);
  return failingRowsStatement(dialect, { suite, checkId, relation: votesRelation, scope });
}

/** An Id is unique, so that it finds the row. */
async function addLinesOfRows(
  warehouse: DuckDbWarehouse,
  { text, values }: Statement,
  order: number,
): Promise<void> {
  await warehouse.run(`create or replace temp table failing_id as select Id from (${text})`, [
    ...values,
  ]);
  const wanted = `
    select FileId as file_id, rowid as row_id
      from blog_analysis.votes where Id in (select Id from temp.failing_id)`;
  await warehouse.run(
    `insert into temp.failing_line select line, ${order} from (${linesOfRowsSql(wanted)})`,
  );
  await warehouse.run('drop table temp.failing_id');
}
