import { profileTable, suggestExpectations } from '@sluice/data-quality';
import { postgresEngine } from '@sluice/data-quality/postgres';
import type { Condition, SeriesProfile, TableProfile } from '@sluice/schemas/expectations';
import { jaoSuites } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, JaoSuite } from '@sluice/schemas/jao';
import type { PostgresTransaction } from '@sluice/warehouse/postgres';

import { readKeyGroups } from './read-key-groups.ts';

/** What is profiled: days, both included. */
export interface ProfileQuestion {
  readonly contract: DatasetContract;
  readonly from: BusinessDay;
  readonly to: BusinessDay;
  readonly suggest: boolean;
}

const latest = 'latest';
/** What is the same in all rows of a dataset is asked for, and not profiled. */
const scopeColumns: ReadonlySet<string> = new Set(['region', 'dataset']);
/** What is of our making: when we learned a value, and how often it changed since. */
const ownColumns: ReadonlySet<string> = new Set(['known_from', 'revision', 'vintage']);
/** The only column that may be null: the source says that there is no value. */
const valueColumn = 'value';

/** What a dataset's values of some days are, and what they suggest; of one moment. */
export async function profileSeries(
  tx: PostgresTransaction,
  { contract, from, to, suggest }: ProfileQuestion,
): Promise<SeriesProfile> {
  const engine = postgresEngine(tx);
  const scope: Condition = {
    all: [
      { column: 'region', compare: '=', value: contract.region },
      { column: 'dataset', compare: '=', value: contract.dataset },
      { column: 'business_day', compare: '>=', value: from },
      { column: 'business_day', compare: '<=', value: to },
    ],
  };
  const { relation, suite } = suiteOfCells(contract);
  const columns = Object.keys(suite.shape.columns).filter((name) => !scopeColumns.has(name));
  const profile = await profileTable({
    ...{ engine, relation, scope, columns, shape: suite.shape },
    timeColumn: 'delivery_start',
  });
  const value = profile.columns.find(({ name }) => name === valueColumn);
  return {
    ...{ dataset: contract.name, from, to, rows: profile.rows, columns: profile.columns },
    groups: await readKeyGroups(tx, { contract, from, to, value }),
    ...(suggest
      ? {
          suggestions: await suggestExpectations({
            ...{ engine, relation, scope, suite },
            profile: withoutOwnColumns(profile),
            neverNull: columns.filter((name) => name !== valueColumn),
          }),
        }
      : {}),
  };
}

function withoutOwnColumns(profile: TableProfile): TableProfile {
  const isOwn = (name: string): boolean => ownColumns.has(name);
  return {
    ...profile,
    columns: profile.columns.filter(({ name }) => !isOwn(name)),
    keys: profile.keys.filter((key) => !key.some(isOwn)),
    pairs: profile.pairs.filter(({ column, other }) => !isOwn(column) && !isOwn(other)),
    splits: profile.splits.filter(({ column }) => !isOwn(column)),
    spreads: profile.spreads.filter(({ column }) => !isOwn(column)),
  };
}

function suiteOfCells(contract: DatasetContract): JaoSuite {
  const found = jaoSuites(contract).find(({ relation }) => relation.table === latest);
  if (found === undefined) {
    throw new TypeError(`${contract.name} has no suite of jao.${latest}`);
  }
  return found;
}
