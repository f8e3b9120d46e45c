import type { RowKey, TableExpectation } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { nounFor } from '../noun-for.ts';
import { bytewise, castNames } from '../sql/dialect.ts';
import { identifier, join, parameter, relationSql, sql, verbatim, where } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';
import type { CheckPlan, TextRow } from './check-plan.ts';
import { columnsOfCondition, compileWhen } from './compile-condition.ts';
import { checkThresholds, describeThresholds, judgeRows } from './judge-severity.ts';
import { readValue } from './key-values.ts';

type SameRowsCheck = Extract<TableExpectation, { kind: 'same_rows' }>;

/** What is the matter with a key, by which sides have a row of it that the other lacks. */
const differences = sql`case when here_only > 0 and there_only > 0 then 'different'
  when here_only > 0 then 'missing_there' when there_only > 0 then 'missing_here' end`;

/**
 * Counts each different row on either side, and then the keys whose rows do not come out even. That
 * takes keys that repeat, and parts of a key that are null, for what they are.
 */
export function compileSameRows(context: CheckContext, check: SameRowsCheck): CheckPlan {
  checkThresholds(check);
  const { key = context.shape.key } = check;
  const all = check.columns ?? Object.keys(context.shape.columns);
  const compared = all.filter((name) => !key.includes(name));
  if (key.length === 0) {
    throw new QualityError('DECLARATION', 'same_rows: a key has one column at least');
  }
  const keys = differencesByKey(context, check, key, compared);
  const counts = ['different', 'missing_there', 'missing_here'].map(
    (name) =>
      sql`count(*) filter (where is_what = ${parameter(name, 'text')})::text as ${identifier(name)}`,
  );
  return {
    scan: [],
    queries: [sql`select count(*)::text as tested, ${join(counts, ', ')} from (${keys}) as k`],
    failingList: listDifferences(context, key, keys),
    judge: (_, [rows]) => judgeDifferences(check, rows?.[0] ?? {}),
  };
}

/** One row for each key of either side: `k0`, `k1` …, `is_what`, and which columns differ. */
function differencesByKey(
  context: CheckContext,
  check: SameRowsCheck,
  key: readonly string[],
  compared: readonly string[],
): Sql {
  const cell = (name: string): Sql => {
    const value = sql`t.${identifier(name)}::${verbatim(castNames[context.typeOf(name)])}`;
    return context.typeOf(name) === 'text' ? bytewise(value) : value;
  };
  const keyNames = key.map((_, index) => identifier(`k${index}`));
  const comparedNames = compared.map((_, index) => identifier(`v${index}`));
  const selected = [...key, ...compared].map(
    (name, index) => sql`${cell(name)} as ${[...keyNames, ...comparedNames][index] ?? cell(name)}`,
  );
  const columns = join([...keyNames, ...comparedNames], ', ');
  const side = (from: Sql, sign: '1' | '-1'): Sql =>
    sql`select ${join(selected, ', ')}, ${verbatim(sign)} as side${from}${where(compileWhen(context, check.when))}`;
  const there = fromOther(check, [...key, ...compared, ...columnsOfCondition(check.when)]);
  const rows = sql`select ${columns}, sum(side) as surplus
    from (${side(context.from, '1')} union all ${side(there, '-1')}) as sides group by ${columns}`;
  const isOneEach = sql`sum(abs(surplus)) = 2 and count(*) filter (where surplus <> 0) = 2`;
  // Of two rows: both null is the same, and so are two values that are one.
  const namesDiffering = compared.map((name, index) => {
    const value = comparedNames[index] ?? identifier(name);
    const odd = sql`filter (where surplus <> 0)`;
    return sql`case when count(${value}) ${odd} <> 0
        and not (count(${value}) ${odd} = 2 and count(distinct ${value}) ${odd} = 1)
      then ${parameter(name, 'text')} end`;
  });
  const columnsText =
    namesDiffering.length === 0
      ? verbatim('null::text')
      : sql`case when ${isOneEach} then concat_ws(', ', ${join(namesDiffering, ', ')}) end`;
  const keyList = join(keyNames, ', ');
  return sql`select ${keyList}, ${differences} as is_what, differing from (
    select ${keyList}, sum(case when surplus > 0 then surplus else 0 end) as here_only,
      sum(case when surplus < 0 then -surplus else 0 end) as there_only, ${columnsText} as differing
    from (${rows}) as counted group by ${keyList}) as grouped`;
}

/** The other relation as `t`, its columns under the names that they have here. */
function fromOther({ other }: SameRowsCheck, wanted: readonly string[]): Sql {
  const names: Readonly<Record<string, string | undefined>> = other.names ?? {};
  const columns = [...new Set(wanted)].map(
    (name) => sql`r.${identifier(names[name] ?? name)} as ${identifier(name)}`,
  );
  return sql` from (select ${join(columns, ', ')} from ${relationSql(other.relation)} as r) as t`;
}

function listDifferences(
  context: CheckContext,
  key: readonly string[],
  keys: Sql,
): NonNullable<CheckPlan['failingList']> {
  const texts = key.map((_, index) => {
    const name = identifier(`k${index}`);
    return sql`${name}::text as ${name}`;
  });
  const order = key.map((name, index) => {
    const column = sql`k.${identifier(`k${index}`)}`;
    return sql`${context.typeOf(name) === 'text' ? bytewise(column) : column} nulls last`;
  });
  return {
    select: sql`select ${join(texts, ', ')}, is_what, differing
      from (${keys}) as k where is_what is not null order by ${join(order, ', ')}`,
    read: (row) => readDifference(context, key, row),
  };
}

function readDifference(context: CheckContext, key: readonly string[], row: TextRow): RowKey {
  const values = key.map(
    (name, index) => [name, readValue(context.typeOf(name), row[`k${index}`] ?? null)] as const,
  );
  const columns = row['differing'] ?? null;
  return {
    ...Object.fromEntries(values),
    is: row['is_what'] ?? null,
    ...(columns === null || columns === '' ? {} : { columns }),
  };
}

function judgeDifferences(check: SameRowsCheck, counts: TextRow): ReturnType<CheckPlan['judge']> {
  const countOf = (name: string): bigint => BigInt(counts[name] ?? 0);
  const [different, there, here] = [
    countOf('different'),
    countOf('missing_there'),
    countOf('missing_here'),
  ];
  const [tested, failing] = [countOf('tested'), different + there + here];
  const { schema, table } = check.other.relation;
  return {
    outcome: judgeRows(check, failing, tested),
    observed:
      `${failing} of ${tested} ${nounFor(tested, 'key')}: ${there} missing in ${schema}.${table}, ` +
      `${here} missing here, ${different} different`,
    expected: describeThresholds(check),
    value: Number(failing),
    tested,
    failing,
  };
}
