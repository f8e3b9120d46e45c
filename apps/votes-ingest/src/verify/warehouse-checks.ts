import { voteTypes } from '@sluice/schemas';
import type { CheckResult } from '@sluice/schemas';
import { compareMigrations, quoteIdentifier } from '@sluice/warehouse';
import type { DuckDbWarehouse } from '@sluice/warehouse';
import { z } from 'zod';

import { warehouseMigrations } from '../warehouse/open-warehouse.ts';

/** Ids that are counted at once: a hash table of so many stays well below 1 GB. */
const idsPerPass = 5_000_000;

/** Whether the schema is the one that this program knows, and what differs. */
export async function checkSchema(warehouse: DuckDbWarehouse): Promise<CheckResult> {
  const states = await compareMigrations(warehouse, warehouseMigrations);
  const problems = states.flatMap(({ owner, pending, changed }) => [
    ...pending.map((name) => `${owner} lacks ${name}, which the next ingest applies`),
    ...changed.map((name) => `${owner} had ${name} with other content`),
  ]);
  const versions = states.map(({ owner, applied, newest }) =>
    applied > newest
      ? `${owner} ${applied}, newer than this program's ${newest}`
      : `${owner} ${applied}`,
  );
  return {
    id: 'schema.version',
    outcome: problems.length === 0 ? 'passed' : 'failed',
    message: [
      `schema versions: ${versions.join(', ')}`,
      ...problems,
      ...(problems.length === 0 ? [] : ['so the ledger was not compared file by file']),
    ].join('; '),
  };
}

/**
 * Reads every value of every table once: DuckDB checks each block against its checksum then.
 *
 * @throws {WarehouseError} `DAMAGED` where one does not match.
 */
export async function checkStorage(warehouse: DuckDbWarehouse): Promise<CheckResult> {
  const tables = await warehouse.rows(
    z.object({ schema: z.string(), table: z.string() }),
    `select schema_name as schema, table_name as table from duckdb_tables()
      where database_name = current_database() and not temporary order by all`,
  );
  let rows = 0;
  for (const { schema, table } of tables) {
    const name = `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
    const read = await warehouse.row(
      z.object({ rows: z.int(), hash: z.unknown() }),
      `select count(*) as rows, bit_xor(hash(relation)) as hash from ${name} as relation`,
    );
    rows += read.rows;
  }
  return {
    id: 'storage.readable',
    outcome: 'passed',
    message: `${rows} rows of ${tables.length} tables were read whole`,
  };
}

/** Whether each Id stands once: counted by parts of the Ids, so that any number fits the memory. */
export async function checkUniqueIds(warehouse: DuckDbWarehouse): Promise<CheckResult> {
  const { rows } = await warehouse.row(
    z.object({ rows: z.int() }),
    'select count(*) as rows from blog_analysis.votes',
  );
  const passes = Math.max(1, Math.ceil(rows / idsPerPass));
  let ids = 0;
  for (let pass = 0; pass < passes; pass++) {
    const part = await warehouse.row(
      z.object({ ids: z.int() }),
      `select count(distinct Id) as ids from blog_analysis.votes
        where hash(Id) % $1::ubigint = $2::ubigint`,
      [BigInt(passes), BigInt(pass)],
    );
    ids += part.ids;
  }
  return {
    id: 'votes.unique',
    outcome: ids === rows ? 'passed' : 'failed',
    message: `${rows} rows with ${ids} distinct Ids`,
  };
}

/** Whether `blog_analysis.vote_types` names what the contract names. */
export async function checkVoteTypes(warehouse: DuckDbWarehouse): Promise<CheckResult> {
  const rows = await warehouse.rows(
    z.object({ id: z.int(), name: z.string() }),
    'select VoteTypeId as id, Name as name from blog_analysis.vote_types',
  );
  const named = new Map(rows.map(({ id, name }) => [id, name]));
  const missing = [...voteTypes].filter(([id, name]) => named.get(id) !== name);
  return {
    id: 'votes.types',
    outcome: missing.length === 0 && named.size === rows.length ? 'passed' : 'failed',
    message:
      missing.length === 0
        ? `${rows.length} vote types are named`
        : `not named as the contract does: ${missing.map((type) => type.join(' ')).join(', ')}`,
  };
}
