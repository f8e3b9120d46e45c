// The way it is commonly written: Node's readline, JSON.parse, and DuckDB's appender row by row.
// Arguments: the database file to make, the file of votes.
import { DuckDBInstance, DuckDBTimestampValue } from '@duckdb/node-api';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

interface VoteLine {
  readonly Id: string;
  readonly PostId: string;
  readonly VoteTypeId: string;
  readonly UserId?: string;
  readonly CreationDate: string;
  readonly BountyAmount?: string;
}

const [, , databasePath = '', votesPath = ''] = process.argv;
const instance = await DuckDBInstance.create(databasePath);
const connection = await instance.connect();
await connection.run(
  `create table votes (
     Id bigint, PostId bigint, VoteTypeId smallint, UserId bigint,
     CreationDate timestamp, BountyAmount integer
   )`,
);
const appender = await connection.createAppender('votes');
for await (const line of createInterface({ input: createReadStream(votesPath) })) {
  // What the generator wrote into a clean file; this way of loading checks nothing.
  const vote = JSON.parse(line) as VoteLine;
  appender.appendBigInt(BigInt(vote.Id));
  appender.appendBigInt(BigInt(vote.PostId));
  appender.appendSmallInt(Number(vote.VoteTypeId));
  if (vote.UserId === undefined) appender.appendNull();
  else appender.appendBigInt(BigInt(vote.UserId));
  const micros = BigInt(Date.parse(`${vote.CreationDate}Z`)) * 1000n;
  appender.appendTimestamp(new DuckDBTimestampValue(micros));
  if (vote.BountyAmount === undefined) appender.appendNull();
  else appender.appendInteger(Number(vote.BountyAmount));
  appender.endRow();
}
appender.closeSync();
connection.closeSync();
instance.closeSync();
