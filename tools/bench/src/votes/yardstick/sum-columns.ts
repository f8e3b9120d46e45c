// What a table of votes holds, as one line of JSON: the same for two tables of the same votes.
// Arguments: the database file, the table, and the first Id that counts.
import { DuckDBInstance } from '@duckdb/node-api';

const [, , databasePath = '', table = '', firstId = ''] = process.argv;
const instance = await DuckDBInstance.create(databasePath, { access_mode: 'READ_ONLY' });
const connection = await instance.connect();
const result = await connection.runAndReadAll(
  `select count(*)::varchar as count, sum(Id)::varchar as sumId, sum(PostId)::varchar as sumPostId,
          sum(VoteTypeId)::varchar as sumVoteTypeId, sum(UserId)::varchar as sumUserId,
          sum(BountyAmount)::varchar as sumBountyAmount,
          max(CreationDate)::varchar as maxCreationDate
     from ${table} where Id >= $1`,
  [BigInt(firstId)],
);
process.stdout.write(`${JSON.stringify(result.getRowObjectsJson()[0])}\n`);
connection.closeSync();
instance.closeSync();
