// Bare DuckDB: the view's own SQL, over the same warehouse. Argument: the database file.
import { DuckDBInstance } from '@duckdb/node-api';

const [, , databasePath = ''] = process.argv;
const instance = await DuckDBInstance.create(databasePath, { access_mode: 'READ_ONLY' });
const connection = await instance.connect();
const result = await connection.runAndReadAll(
  'select Year, WeekNumber, VoteCount from blog_analysis.outlier_weeks order by Year, WeekNumber',
);
const weeks = result
  .getRowObjectsJS()
  .map((week) =>
    Object.fromEntries(Object.entries(week).map(([name, value]) => [name, Number(value)])),
  );
process.stdout.write(`${JSON.stringify(weeks)}\n`);
connection.closeSync();
instance.closeSync();
