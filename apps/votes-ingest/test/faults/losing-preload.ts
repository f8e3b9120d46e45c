/**
 * Loaded into a process of the app ahead of its code (`node --import`): runs a statement of its own
 * in the transaction of each file, or after it, so that what the app has counted is not what is stored.
 */
import { createRequire } from 'node:module';

/** The environment variables that say what is run, and when. */
export const losingVariables = { sql: 'SLUICE_TEST_LOSING_SQL', when: 'SLUICE_TEST_LOSING_WHEN' };

type Run = (this: unknown, sql: string, ...others: unknown[]) => Promise<unknown>;

const { [losingVariables.sql]: losingSql, [losingVariables.when]: when } = process.env;
if (losingSql !== undefined) {
  const requireAsWarehouse = createRequire(import.meta.resolve('@sluice/warehouse'));
  // The client's class, as it is.
  const { DuckDBConnection } = requireAsWarehouse('@duckdb/node-api') as {
    readonly DuckDBConnection: { readonly prototype: { run: Run } };
  };
  const run = DuckDBConnection.prototype.run;
  let isOfFile = false;
  DuckDBConnection.prototype.run = async function (sql, ...others) {
    isOfFile ||= sql.includes('insert into ops.file') || sql.includes('update ops.file');
    const isSumming = sql.includes('records read');
    const isEnd = isOfFile && sql === 'commit';
    if (
      isOfFile &&
      ((isSumming && when === 'before summing') || (isEnd && when === 'before commit'))
    ) {
      await run.call(this, losingSql);
    }
    const result = await run.call(this, sql, ...others);
    if (isEnd) {
      isOfFile = false;
      if (when === 'after commit') {
        await run.call(this, losingSql);
      }
    }
    return result;
  };
}
