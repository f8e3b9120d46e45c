import type { Lateness, RowKey, TableExpectation } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { nounFor } from '../noun-for.ts';
import { bytewise, castNames } from '../sql/dialect.ts';
import {
  allOf,
  identifier,
  join,
  parameter,
  relationSql,
  sql,
  verbatim,
  where,
} from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import { microsOfText, textOfMicros } from '../sql/time-text.ts';
import { skip } from './check-plan.ts';
import type { CheckContext } from './check-context.ts';
import type { CheckPlan, Finding, TextRow } from './check-plan.ts';
import { compileWhen } from './compile-condition.ts';
import { readValue } from './key-values.ts';
import { describeThresholds, judgeRows } from './judge-severity.ts';

type FreshnessCheck = Extract<TableExpectation, { kind: 'freshness' }>;
type GapsCheck = Extract<TableExpectation, { kind: 'gaps' }>;

const noCalendar = 'no calendar is configured';
/** Slots that are sent at once: some 1.5 MB of text. */
const slotsPerQuery = 50_000;
/** A month. */
const longestGrainMs = 31 * 86_400_000;

/** The newest finite value against the calendar's deadline, or a fixed age. */
export function compileFreshness(context: CheckContext, check: FreshnessCheck): CheckPlan {
  const { calendar, now } = context;
  if (calendar === undefined) {
    return skip('the newest value that is due', noCalendar);
  }
  const hasNoLevel = check.warn === undefined && check.error === undefined;
  const error: Lateness | undefined = hasNoLevel ? { deadline: { graceMs: 0 } } : check.error;
  const nowMs = now.getTime();
  const earliestOf = (lateness: Lateness | undefined): number | undefined =>
    lateness === undefined || 'deadline' in lateness
      ? lateness && calendar.newestDueMs(nowMs - lateness.deadline.graceMs)
      : nowMs - lateness.maxAgeMs;
  const [warnMs, errorMs] = [earliestOf(check.warn), earliestOf(error)];
  const column = context.column(check.column);
  const isFinite = sql`isfinite(${context.plainColumn(check.column)})`;
  const condition = allOf([compileWhen(context, check.when), isFinite]);
  return {
    scan: [sql`max(${column}) filter (where ${condition ?? isFinite})::text`],
    queries: [],
    judge: ([newest]) => judgeFreshness({ newest: newest ?? null, warnMs, errorMs, nowMs }),
  };
}

function judgeFreshness(times: {
  readonly newest: string | null;
  readonly warnMs: number | undefined;
  readonly errorMs: number | undefined;
  readonly nowMs: number;
}): Finding {
  const newestMs = times.newest === null ? -Infinity : Number(microsOfText(times.newest)) / 1_000;
  const isFailure = times.errorMs !== undefined && newestMs < times.errorMs;
  const isWarning = times.warnMs !== undefined && newestMs < times.warnMs;
  const expected = [times.errorMs, times.warnMs]
    .filter((ms) => ms !== undefined)
    .map((ms) => new Date(ms).toISOString());
  const ageSeconds = (times.nowMs - newestMs) / 1_000;
  return {
    outcome: isFailure ? 'failed' : isWarning ? 'warned' : 'passed',
    observed: times.newest ?? 'no value',
    expected:
      expected.length === 0 ? 'nothing is due yet' : `not older than ${expected.join(', ')}`,
    value: Number.isFinite(ageSeconds) ? ageSeconds : null,
    tested: null,
    failing: null,
  };
}

/** Expected slots that no row has. */
export function compileGaps(context: CheckContext, check: GapsCheck): CheckPlan {
  if ('columns' in check) {
    return relationGaps(context, check);
  }
  const { calendar, now } = context;
  if (calendar === undefined) {
    return skip('a row in each slot that is due', noCalendar);
  }
  const counted = { slots: 0n };
  return {
    scan: [],
    queries: slotQueries(context, check, calendar.dueSlotsMs(now.getTime()), counted),
    judge: (_, answers) =>
      judgeGaps(check, counted.slots, answers.flat(), (row) => ({
        [check.column]: readValue(context.typeOf(check.column), row['slot'] ?? null),
      })),
  };
}

function* slotQueries(
  context: CheckContext,
  check: Extract<GapsCheck, { expected: 'calendar' }>,
  slotsMs: Iterable<number>,
  counted: { slots: bigint },
): Generator<Sql> {
  let batch: number[] = [];
  for (const slotMs of slotsMs) {
    batch.push(slotMs);
    if (batch.length === slotsPerQuery) {
      counted.slots += BigInt(batch.length);
      yield missingSlots(context, check, batch);
      batch = [];
    }
  }
  if (batch.length > 0) {
    counted.slots += BigInt(batch.length);
    yield missingSlots(context, check, batch);
  }
}

function missingSlots(
  context: CheckContext,
  check: Extract<GapsCheck, { expected: 'calendar' }>,
  slotsMs: readonly number[],
): Sql {
  const type = context.typeOf(check.column);
  const cast = verbatim(castNames[type]);
  const suffix = type === 'instant' ? '+00' : '';
  const textOf = (ms: number): string => textOfMicros(BigInt(ms) * 1_000n) + suffix;
  const slots = slotsMs.map(textOf);
  const [firstMs = 0, lastMs = firstMs] = [slotsMs.at(0), slotsMs.at(-1)];
  const column = context.column(check.column);
  // A grain cuts what is a time: of a date the engines make different types.
  const value =
    check.grain === undefined
      ? column
      : sql`date_trunc(${parameter(check.grain, 'text')}, ${column}::${verbatim(type === 'instant' ? 'timestamptz' : 'timestamp')})::${cast}`;
  const list = parameter(slots.join('\n'), 'text');
  // What is far from the slots is not cut: DuckDB can not cut the first month that it knows.
  const isNear = sql`${column} between ${parameter(textOf(firstMs), castNames[type])} and ${parameter(textOf(lastMs + longestGrainMs), castNames[type])}`;
  const present = sql`select distinct ${value} as slot${context.from}${where(compileWhen(context, check.when), isNear)}`;
  return sql`select s.slot::text as slot
    from (select item::${cast} as slot from (${context.dialect.splitLines(list)}) as items) as s
    left join (${present}) as p on p.slot = s.slot where p.slot is null order by s.slot`;
}

function relationGaps(
  context: CheckContext,
  check: Extract<GapsCheck, { columns: unknown }>,
): CheckPlan {
  const { columns, expected } = check;
  if (columns.length === 0 || columns.length !== expected.columns.length) {
    throw new QualityError(
      'DECLARATION',
      'gaps: as many expected columns as columns, one at least',
    );
  }
  const names = columns.map((column, index) => {
    const name = sql`s.${identifier(expected.columns[index] ?? column)}`;
    return context.typeOf(column) === 'text' ? bytewise(name) : name;
  });
  const isSame = columns.map(
    (column, index) => sql`${context.column(column)} = ${names[index] ?? identifier(column)}`,
  );
  const slots = sql` from ${relationSql(expected.relation)} as s`;
  const isPresent = sql`exists (select 1${context.from}${where(compileWhen(context, check.when), ...isSame)})`;
  const selected = names.map((name, index) => sql`${name}::text as ${identifier(`k${index}`)}`);
  return {
    scan: [],
    queries: [
      sql`select count(*)::text as slots${slots}`,
      sql`select ${join(selected, ', ')}${slots} where not ${isPresent} order by ${join(names, ', ')}`,
    ],
    judge: (_, [counted, missing = []]) =>
      judgeGaps(check, BigInt(counted?.[0]?.['slots'] ?? 0), missing, (row) =>
        Object.fromEntries(
          columns.map((column, index) => [
            column,
            readValue(context.typeOf(column), row[`k${index}`] ?? null),
          ]),
        ),
      ),
  };
}

function judgeGaps(
  check: GapsCheck,
  slots: bigint,
  missing: readonly TextRow[],
  read: (row: TextRow) => RowKey,
): Finding {
  const failing = BigInt(missing.length);
  return {
    outcome: judgeRows(check, failing, slots),
    observed: `${failing} of ${slots} ${nounFor(slots, 'slot')} without a row`,
    expected: describeThresholds(check),
    value: Number(failing),
    tested: slots,
    failing,
    failingKeys: missing.map(read),
  };
}
