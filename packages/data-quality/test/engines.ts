import type { ColumnType, RelationName, TableShape } from '@sluice/schemas/expectations';
import { DuckDbWarehouse, migrateDuckDb, opsMigrations } from '@sluice/warehouse';
import { migratePostgres, opsPostgresMigrations } from '@sluice/warehouse/postgres';
import type { PostgresDatabase } from '@sluice/warehouse/postgres';
import { createTestDatabase, openAs } from '@sluice/warehouse/postgres-testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';

import { duckDbEngine } from '../src/engine/duckdb-engine.ts';
import type { QualityEngine } from '../src/engine/engine.ts';
import { postgresEngine } from '../src/engine/postgres-engine.ts';
import { castNames } from '../src/sql/dialect.ts';
import {
  identifier,
  join as joinSql,
  parameter,
  relationSql,
  renderStatement,
  sql,
  verbatim,
} from '../src/sql/sql.ts';

/** A value as both engines read it from text, or null. */
export type CellText = string | null;

/** Both engines, each with an empty database that has schema `ops` and schema `q`. */
export interface Engines {
  readonly duckdb: QualityEngine;
  readonly postgres: QualityEngine;
  readonly warehouse: DuckDbWarehouse;
  readonly database: PostgresDatabase;
  readonly close: () => Promise<void>;
}

/** Opens them; to be closed. */
export async function openEngines(): Promise<Engines> {
  const folder = await mkdtemp(join(tmpdir(), 'data-quality-'));
  const warehouse = await DuckDbWarehouse.open({
    path: join(folder, 'w.db'),
    access: 'write',
    lockTimeoutMs: 0,
  });
  await migrateDuckDb(warehouse, [opsMigrations]);
  await warehouse.run('create schema q');
  const test = await createTestDatabase(inject('server'));
  const database = await openAs(test, 'owner');
  await migratePostgres(database, [opsPostgresMigrations], { appVersion: '1.0.0' });
  await database.run('create schema q');
  return {
    duckdb: duckDbEngine(warehouse),
    postgres: postgresEngine(database),
    warehouse,
    database,
    close: async () => {
      warehouse.close();
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes a table in an engine, in place of one of its name, with rows of texts. */
export async function createTable(
  engine: QualityEngine,
  relation: RelationName,
  columns: Readonly<Record<string, ColumnType>>,
  rows: readonly (readonly CellText[])[],
): Promise<void> {
  const name = relationSql(relation);
  // As bad as it gets: collations that find texts equal, or in another order than their bytes.
  const collation = engine.dialect.name === 'postgres' ? 'collate "en-x-icu"' : 'collate nocase';
  const defined = Object.entries(columns).map(
    ([column, type]) =>
      sql`${identifier(column)} ${verbatim(castNames[type])} ${verbatim(type === 'text' ? collation : '')}`,
  );
  const types = Object.values(columns);
  await engine.write(async (session) => {
    await session.run(renderStatement(sql`drop table if exists ${name}`));
    await session.run(renderStatement(sql`create table ${name} (${joinSql(defined, ', ')})`));
    if (rows.length > 0) {
      const values = rows.map((row) => {
        const cells = row.map((text, index) =>
          text === null ? verbatim('null') : parameter(text, castNames[types[index] ?? 'text']),
        );
        return sql`(${joinSql(cells, ', ')})`;
      });
      await session.run(renderStatement(sql`insert into ${name} values ${joinSql(values, ', ')}`));
    }
  });
}

/** {@link createTable} in both. */
export async function createTables(
  { duckdb, postgres }: Engines,
  relation: RelationName,
  shape: TableShape,
  rows: readonly (readonly CellText[])[],
): Promise<void> {
  await createTable(duckdb, relation, shape.columns, rows);
  await createTable(postgres, relation, shape.columns, rows);
}
