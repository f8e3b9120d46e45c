import type { QualityResult } from '@sluice/schemas/expectations';

import type { HistoryPoint } from '../compile/check-context.ts';
import { keyJson } from '../compile/key-values.ts';
import type { QualityEngine } from '../engine/engine.ts';
import { join, parameter, renderStatement, sql, verbatim } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';

/** Rows in one statement: Postgres takes 65,535 parameters. */
const resultsPerStatement = 500;
/** What an anomaly looks at, even where it takes one weekday in seven or one day in thirty. */
const defaultHistoryPoints = 3_000;
/**
 * With how many days before it a day is compared, at most: a year, so that 13 of the same weekday or 12
 * of the same day of the month are there.
 */
export const historyDays = 400;

/** Adds results, and the keys that they have, to `ops.check_result` and `ops.check_failure`. */
export async function recordResults(
  engine: QualityEngine,
  results: readonly QualityResult[],
): Promise<void> {
  if (results.length === 0) {
    return;
  }
  await engine.write(async (session) => {
    for (let start = 0; start < results.length; start += resultsPerStatement) {
      const rows = results.slice(start, start + resultsPerStatement).map(resultRow);
      await session.run(
        renderStatement(sql`insert into ops.check_result (result_id, run_id, dataset, relation, scope, check_id,
          kind, fingerprint, outcome, severity, action, observed, expected, value, tested, failing,
          message, duration_ms, checked_at, period_from, period_to) values ${join(rows, ', ')}`),
      );
    }
    const keys = results.flatMap(keyLines);
    if (keys.length > 0) {
      // Lines and tabs: as one JSON document, thousands of keys take DuckDB longer to read than to find.
      const lines = engine.dialect.splitLines(parameter(keys.join('\n'), 'text'));
      const json = verbatim(engine.dialect.name === 'postgres' ? 'jsonb' : 'json');
      await session.run(
        renderStatement(sql`insert into ops.check_failure (result_id, ordinal, row_key)
          select split_part(item, chr(9), 1)::uuid, split_part(item, chr(9), 2)::integer,
            split_part(item, chr(9), 3)::${json}
          from (${lines}) as lines`),
      );
    }
  });
}

/**
 * What earlier runs found for a check that gave a number, newest first: runs over the whole relation,
 * or, `scoped`, over a part of it, which are not to be compared with each other.
 */
export async function readHistory(
  engine: QualityEngine,
  check: {
    readonly dataset: string;
    readonly checkId: string;
    /** @default false */
    readonly scoped?: boolean;
  },
  limit = defaultHistoryPoints,
): Promise<HistoryPoint[]> {
  const { text, values } = renderStatement(sql`
    select checked_at::text as at, value::text as value from ops.check_result
     where dataset = ${parameter(check.dataset, 'text')} and check_id = ${parameter(check.checkId, 'text')}
       and value is not null and scope is ${verbatim(check.scoped === true ? 'not null' : 'null')}
     order by checked_at desc limit ${verbatim(String(Math.trunc(limit)))}`);
  const rows = await engine.read((session) => session.rows({ text, values }));
  return rows.map((row) => ({
    at: new Date((row['at'] ?? '').replace(' ', 'T').replace(/\+00$/, 'Z')),
    value: Number(row['value']),
  }));
}

/**
 * What was found last for a check about each of the days before one, newest first, at midnight UTC:
 * what an anomaly of that day is judged by, in whatever order the days were looked at.
 */
export async function readDayHistory(
  engine: QualityEngine,
  check: {
    readonly dataset: string;
    readonly checkId: string;
    /** ISO date, not included. */
    readonly beforeDay: string;
  },
  limit = historyDays,
): Promise<HistoryPoint[]> {
  const { text, values } = renderStatement(sql`
    select day::text as day, value::text as value from (
      select r.period_from as day, r.value, row_number() over (
        partition by r.period_from order by r.checked_at desc, r.result_id desc) as age
      from ops.check_result r
      where r.dataset = ${parameter(check.dataset, 'text')} and r.check_id = ${parameter(check.checkId, 'text')}
        and r.period_from = r.period_to and r.period_from < ${parameter(check.beforeDay, 'date')}
        and r.value is not null) as aged
     where age = 1 order by day desc limit ${verbatim(String(Math.trunc(limit)))}`);
  const rows = await engine.read((session) => session.rows({ text, values }));
  return rows.map((row) => ({
    at: new Date(`${row['day'] ?? ''}T00:00:00Z`),
    value: Number(row['value']),
  }));
}

function resultRow(result: QualityResult): Sql {
  const { resultId, runId, dataset, relation, scope, checkId, kind, fingerprint, outcome } = result;
  const texts = [dataset, relation, scope, checkId, kind, fingerprint, outcome, result.severity];
  const columns = [
    nullable(resultId, 'uuid'),
    nullable(runId, 'uuid'),
    ...[...texts, result.action, result.observed, result.expected].map((text) =>
      nullable(text, 'text'),
    ),
    nullable(result.value, 'float8'),
    nullable(result.tested, 'bigint'),
    nullable(result.failing, 'bigint'),
    nullable(result.message, 'text'),
    nullable(result.durationMs, 'float8'),
    nullable(result.checkedAt, 'timestamptz'),
    nullable(result.period?.from ?? null, 'date'),
    nullable(result.period?.to ?? null, 'date'),
  ];
  return sql`(${join(columns, ', ')})`;
}

function nullable(value: string | number | null, cast: string): Sql {
  return value === null ? verbatim('null') : parameter(storable(String(value)), cast);
}

/** What an engine says of a value may repeat what Postgres can not store. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u2400');
}

/** JSON has neither a line break nor a tab of its own. */
function keyLines({ resultId, failingKeys }: QualityResult): string[] {
  return failingKeys.map((key, index) => `${resultId}\t${index + 1}\t${keyJson(key)}`);
}
