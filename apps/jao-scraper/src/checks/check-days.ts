import { readDayHistory, runChecks, runDailyChecks } from '@sluice/data-quality';
import type { HistoryPoint, QualityEngine } from '@sluice/data-quality';
import { checksOf } from '@sluice/schemas/expectations';
import type {
  Condition,
  ExpectationSuite,
  QualityResult,
  RelationName,
} from '@sluice/schemas/expectations';
import { comparableSince, publicationArrivals } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, DayPeriod, JaoSuite } from '@sluice/schemas/jao';

/** What has the same rows, and reads many days at less cost. */
const relationOfDays: Readonly<Record<string, string>> = { latest: 'latest_by_day' };

/** What is checked: the days of one dataset. */
export interface DaysToCheck {
  readonly contract: DatasetContract;
  /** As configured; without the checks that are not to be run. */
  readonly suites: readonly JaoSuite[];
  readonly period: DayPeriod;
  /** The days of the period that are compared with the days before them, ascending. */
  readonly compared: readonly BusinessDay[];
  /**
   * Without the checks that are of the whole only: what the tables are made to keep, which takes longer
   * to look at than to load. @default false
   */
  readonly isLoad?: boolean;
  readonly runId: string;
  readonly now: Date;
}

/**
 * Runs the checks of a dataset over a period: all over the whole of it, but those that compare a day
 * with days before it over each day. Gives the results in the order in which the checks are declared,
 * and of the days. Nothing is recorded.
 *
 * @throws {PostgresError} where the database is out of reach: what is wrong with a check is its result.
 */
export async function checkDays(
  engine: QualityEngine,
  input: DaysToCheck,
): Promise<readonly QualityResult[]> {
  const results: QualityResult[] = [];
  const { isLoad = false, period } = input;
  for (const { relation, suite } of input.suites) {
    const whole = isLoad
      ? { relation: byDay(relation), suite: withoutWhole(checksOf(suite, 'whole')) }
      : { relation, suite: checksOf(suite, 'whole') };
    const daily = { relation, suite: checksOf(suite, 'slot') };
    results.push(...(await checkPeriod(engine, input, whole, period)));
    if (daily.suite.expectations.length > 0) {
      results.push(...(await compareDays(engine, input, daily)));
    }
  }
  return inDeclaredOrder(input.suites, results);
}

/** What a day is compared with are the days before it, those of this period included. */
async function compareDays(
  engine: QualityEngine,
  input: DaysToCheck,
  suite: JaoSuite,
): Promise<readonly QualityResult[]> {
  const { contract, compared } = input;
  const last = compared.at(-1);
  const recorded = new Map<string, Map<number, number>>();
  for (const { id } of last === undefined ? [] : suite.suite.expectations) {
    const points = await readDayHistory(engine, {
      dataset: contract.name,
      checkId: id,
      beforeDay: last ?? '',
    });
    recorded.set(id, new Map(points.map(({ at, value }) => [at.getTime(), value])));
  }
  const results: QualityResult[] = [];
  const history = (checkId: string, day: BusinessDay): readonly HistoryPoint[] =>
    pointsBefore(contract, checkId, day, recorded.get(checkId));
  const [day] = compared;
  if (day !== undefined && compared.length === 1) {
    const period = { from: day, to: day };
    return checkPeriod(engine, input, suite, period, (id) => Promise.resolve(history(id, day)));
  }
  await runDailyChecks({
    ...commonOf(engine, input, { ...suite, relation: byDay(suite.relation) }, input.period),
    column: 'business_day',
    days: compared,
    history,
    onDay: (found) => {
      for (const { checkId, period, value } of found) {
        if (value !== null && period !== null) {
          recorded.get(checkId)?.set(dayMs(period.from), value);
        }
      }
      results.push(...found);
    },
  });
  return results;
}

function byDay({ schema, table }: RelationName): RelationName {
  return { schema, table: relationOfDays[table] ?? table };
}

function withoutWhole(suite: ExpectationSuite): ExpectationSuite {
  return { ...suite, expectations: suite.expectations.filter(({ of }) => of === undefined) };
}

/** Where the dataset has changed since, as its contract says, days before the change are not compared. */
function pointsBefore(
  contract: DatasetContract,
  checkId: string,
  day: BusinessDay,
  points: ReadonlyMap<number, number> = new Map(),
): readonly HistoryPoint[] {
  const since = comparableSince(contract, checkId, day);
  const sinceMs = since === undefined ? Number.NEGATIVE_INFINITY : dayMs(since);
  return [...points]
    .filter(([atMs]) => atMs >= sinceMs)
    .map(([atMs, value]) => ({ at: new Date(atMs), value }));
}

/** Where a day stands in the history of checks. */
function dayMs(day: BusinessDay): number {
  return Date.parse(`${day}T00:00:00Z`);
}

async function checkPeriod(
  engine: QualityEngine,
  input: DaysToCheck,
  suite: JaoSuite,
  period: DayPeriod,
  history?: (checkId: string) => Promise<readonly HistoryPoint[]>,
): Promise<readonly QualityResult[]> {
  if (suite.suite.expectations.length === 0) {
    return [];
  }
  return runChecks({ ...commonOf(engine, input, suite, period), period, history });
}

function commonOf(
  engine: QualityEngine,
  { contract, runId, now }: DaysToCheck,
  { relation, suite }: JaoSuite,
  period: DayPeriod,
) {
  const calendar = publicationArrivals(contract, period);
  return { engine, suite, relation, scope: scopeOf(contract, period), runId, now, calendar };
}

/** The rows of a dataset that are about a period: what both relations are read by. */
export function scopeOf({ region, dataset }: DatasetContract, { from, to }: DayPeriod): Condition {
  const days: readonly Condition[] =
    from === to
      ? [{ column: 'business_day', compare: '=', value: from }]
      : [
          { column: 'business_day', compare: '>=', value: from },
          { column: 'business_day', compare: '<=', value: to },
        ];
  return {
    all: [
      { column: 'region', compare: '=', value: region },
      { column: 'dataset', compare: '=', value: dataset },
      ...days,
    ],
  };
}

function inDeclaredOrder(
  suites: readonly JaoSuite[],
  results: readonly QualityResult[],
): readonly QualityResult[] {
  const ids = suites.flatMap(({ suite }) => suite.expectations.map(({ id }) => id));
  const places = new Map(ids.map((id, index) => [id, index]));
  const placeOf = ({ checkId }: QualityResult): number => places.get(checkId) ?? ids.length;
  // Stable: results of one check stay in the order of their days.
  return results.toSorted((left, right) => placeOf(left) - placeOf(right));
}
