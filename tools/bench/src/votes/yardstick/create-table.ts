// Bare DuckDB: one typed read of the file into a fresh table, and the checkpoint that closing makes.
// Arguments: the database file to make, the file of votes.
import { DuckDBInstance } from '@duckdb/node-api';

const [, , databasePath = '', votesPath = ''] = process.argv;
const instance = await DuckDBInstance.create(databasePath);
const connection = await instance.connect();
await connection.run(
  `create table votes as
   select * from read_json($1, format = 'newline_delimited', columns = {
     Id: 'bigint', PostId: 'bigint', VoteTypeId: 'smallint', UserId: 'bigint',
     CreationDate: 'timestamp', BountyAmount: 'integer'
   })`,
  [votesPath],
);
connection.closeSync();
instance.closeSync();
