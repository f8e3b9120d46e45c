import type {
  ColumnProfile,
  Condition,
  RelationName,
  TableProfile,
  TableShape,
} from '@sluice/schemas/expectations';

import { CheckContext } from '../compile/check-context.ts';
import type { QualityEngine } from '../engine/engine.ts';
import { findKeys } from './find-keys.ts';
import { profileColumns } from './profile-columns.ts';
import { readPairs, readSplits, readSpreads } from './profile-relations.ts';

/** What is profiled. */
export interface ProfileTableOptions {
  readonly engine: QualityEngine;
  readonly relation: RelationName;
  /** The columns that are looked at, and what a row is named by. */
  readonly shape: TableShape;
  /** Only rows for which it holds. @default all rows */
  readonly scope?: Condition | undefined;
  /** Which columns are profiled; others are there for the scope. @default all of the shape */
  readonly columns?: readonly string[] | undefined;
  /** By which rows are older or newer. @default the first column that is a time */
  readonly timeColumn?: string | undefined;
}

/**
 * What a table holds: counted in the database, over all rows, in statements that each give a bounded
 * number of rows. On the same data it is the same in both engines, but the last digits of means.
 *
 * @throws what the engine throws.
 */
export async function profileTable(options: ProfileTableOptions): Promise<TableProfile> {
  const { engine, relation, shape, scope } = options;
  const context = new CheckContext({
    dialect: engine.dialect,
    relation,
    shape,
    scope,
    now: new Date(0),
  });
  return engine.read(async (session) => {
    const source = { context, session };
    const columns = await profileColumns(source, options.columns ?? Object.keys(shape.columns));
    const timeColumn = options.timeColumn ?? columns.find(({ days }) => days !== null)?.name;
    const time = columns.find(({ name }) => name === timeColumn);
    return {
      rows: rowsOf(columns),
      columns,
      splits: await readSplits(source, columns, time),
      spreads: await readSpreads(source, columns, time),
      pairs: await readPairs(source, columns),
      keys: await findKeys(source, columns),
      timeColumn: time?.days == null ? null : time.name,
    };
  });
}

function rowsOf([first]: readonly ColumnProfile[]): number {
  return first === undefined ? 0 : first.filled + first.nulls;
}
