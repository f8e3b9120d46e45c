import { runChecks, runDailyChecks } from '@sluice/data-quality';
import type { HistoryPoint, QualityEngine } from '@sluice/data-quality';
import { checksOf } from '@sluice/schemas/expectations';
import type { Condition, ExpectationSuite, QualityResult } from '@sluice/schemas/expectations';
import { businessDayBounds, comparableSince, publicationArrivals } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, DayPeriod, JaoSuite } from '@sluice/schemas/jao';

import { DayHistory } from './day-history.ts';

/** Of `jao.latest`: has the same rows, and reads many days at less cost. */
const cellsByDay = 'latest_by_day';

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
    const whole = checksOf(suite, 'whole');
    const daily = { relation, suite: checksOf(suite, 'slot') };
    if (isLoad) {
      results.push(...(await compareDays(engine, input, daily, withoutWhole(whole))));
    } else {
      results.push(...(await checkPeriod(engine, input, { relation, suite: whole }, period)));
      results.push(...(await compareDays(engine, input, daily)));
    }
  }
  return inDeclaredOrder(input.suites, results);
}

/**
 * What a day is compared with are the days before it, those of this period included. With checks of the
 * whole, which read the same cells, in the same pass.
 */
async function compareDays(
  engine: QualityEngine,
  input: DaysToCheck,
  { relation, suite }: JaoSuite,
  whole?: ExpectationSuite,
): Promise<readonly QualityResult[]> {
  const { contract, compared, period } = input;
  const [first] = compared;
  const last = compared.at(-1);
  if (first === undefined || last === undefined) {
    return [];
  }
  const recorded = new Map<string, DayHistory>();
  for (const { id } of suite.expectations) {
    const of = { dataset: contract.name, checkId: id, first, last };
    recorded.set(id, await DayHistory.read(engine, of));
  }
  // Where the dataset has changed since, as its contract says, days before are not compared.
  const history = (checkId: string, day: BusinessDay): readonly HistoryPoint[] =>
    recorded.get(checkId)?.before(day, comparableSince(contract, checkId, day)) ?? [];
  if (compared.length === 1) {
    const ofDay = { from: first, to: first };
    return checkPeriod(engine, input, { relation, suite }, ofDay, (id) =>
      Promise.resolve(history(id, first)),
    );
  }
  const results: QualityResult[] = [];
  const isOfCells = relation.table === 'latest';
  const scope = isOfCells ? scopeOfCells : scopeOf;
  const ofWhole = await runDailyChecks({
    ...commonOf(
      engine,
      input,
      { relation: isOfCells ? { ...relation, table: cellsByDay } : relation, suite },
      period,
    ),
    scope: scope(contract, period),
    scopeOfDay: (each) => scope(contract, { from: each, to: each }),
    column: 'business_day',
    days: compared,
    history,
    onDay: (found) => {
      for (const { checkId, period: ofDay, value } of found) {
        if (value !== null && ofDay !== null) {
          recorded.get(checkId)?.set(ofDay.from, value);
        }
      }
      results.push(...found);
    },
    ...(whole === undefined ? {} : { whole: { suite: whole, period } }),
  });
  return [...results, ...ofWhole];
}

function withoutWhole(suite: ExpectationSuite): ExpectationSuite {
  return { ...suite, expectations: suite.expectations.filter(({ of }) => of === undefined) };
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

/** The rows of a dataset that are about a period: what cells and days are read by. */
export function scopeOf(contract: DatasetContract, { from, to }: DayPeriod): Condition {
  const days: readonly Condition[] =
    from === to
      ? [{ column: 'business_day', compare: '=', value: from }]
      : [
          { column: 'business_day', compare: '>=', value: from },
          { column: 'business_day', compare: '<=', value: to },
        ];
  return { all: [...isOf(contract), ...days] };
}

/** The same, by what {@link cellsByDay} is read by. */
function scopeOfCells(contract: DatasetContract, { from, to }: DayPeriod): Condition {
  const start = new Date(businessDayBounds(contract, from).startMs).toISOString();
  const end = new Date(businessDayBounds(contract, to).endMs).toISOString();
  return {
    all: [
      ...isOf(contract),
      { column: 'delivery_start', compare: '>=', value: start },
      { column: 'delivery_start', compare: '<', value: end },
    ],
  };
}

function isOf({ region, dataset }: DatasetContract): readonly Condition[] {
  return [
    { column: 'region', compare: '=', value: region },
    { column: 'dataset', compare: '=', value: dataset },
  ];
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
