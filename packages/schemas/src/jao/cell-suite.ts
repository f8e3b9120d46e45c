import { defineSuite } from '../expectations/expectation.ts';
import type { Expectation, ExpectationSuite } from '../expectations/expectation.ts';
import { businessDayBounds } from './business-day.ts';
import { latestShape } from './check-shapes.ts';
import type { latestColumns } from './check-shapes.ts';
import type { DatasetContract } from './dataset-contract.ts';
import { vintages } from './series-rows.ts';
import { isKnown, valueFactsOf } from './value-facts.ts';

type CellExpectation = Expectation<typeof latestColumns>;

/** The first failing row is a warning, and no more than that. */
const warnOnly = { warn: { count: 0 } } as const;
/** What the tables and views are made to keep: not looked at again after a load of many days. */
const ofWhole = { of: ['whole'] } as const;

/**
 * What is expected of the cells of a dataset, in `jao.latest`: of a day, or of several. What is no fact
 * of the source, but assumed by us, only warns.
 */
export function cellSuite(contract: DatasetContract): ExpectationSuite {
  return defineSuite({
    dataset: contract.name,
    shape: latestShape,
    expectations: [
      { id: 'cells.columns', kind: 'schema', ...ofWhole },
      ...identityChecks(contract),
      ...timeChecks(contract),
      ...valueChecks(contract),
      ...anomalyChecks(contract),
    ],
  });
}

/** Which cell a row is, and in which unit. */
function identityChecks(contract: DatasetContract): readonly CellExpectation[] {
  return [
    {
      id: 'cells.unique',
      kind: 'unique',
      columns: ['region', 'dataset', 'key', 'delivery_start'],
      ...ofWhole,
    },
    {
      id: 'cells.key.form',
      description: 'A key of another form is a series all the same.',
      kind: 'pattern',
      column: 'key',
      pattern: contract.keyPattern.source,
      ...ofWhole,
      ...warnOnly,
    },
    {
      id: 'cells.unit',
      kind: 'expression',
      sql: inPostgres(`t."unit" = ${unitSql(contract)}`),
      ...ofWhole,
    },
    { id: 'cells.vintage', kind: 'in_set', column: 'vintage', values: vintages, ...ofWhole },
  ];
}

/** When it is for. */
function timeChecks(contract: DatasetContract): readonly CellExpectation[] {
  const step = stepSql(contract);
  const assumedOnlyWarns = contract.stepIsAssumed ? warnOnly : {};
  return [
    {
      id: 'cells.period',
      description: 'A delivery period has the length that the contract says.',
      kind: 'expression',
      sql: inPostgres(`t."delivery_end" = t."delivery_start" + ${step}`),
      ...ofWhole,
      ...assumedOnlyWarns,
    },
    {
      id: 'cells.aligned',
      description: 'A delivery period begins at a multiple of its length: the step is not finer.',
      kind: 'expression',
      sql: inPostgres(
        `date_bin(${step}, t."delivery_start", timestamptz '2000-01-01 00:00Z') = t."delivery_start"`,
      ),
      ...assumedOnlyWarns,
    },
    {
      id: 'cells.overlap',
      description: 'Of one key, no delivery period reaches into the next: the step is not finer.',
      kind: 'no_overlap',
      from: 'delivery_start',
      to: 'delivery_end',
      partitionBy: ['region', 'dataset', 'key'],
      ...ofWhole,
      ...assumedOnlyWarns,
    },
    {
      id: 'cells.business_day',
      description: 'From local midnight to local midnight.',
      kind: 'expression',
      sql: inPostgres(
        `t."delivery_start" >= t."business_day"::timestamp at time zone ${textSql(contract.zone)}
         and t."delivery_end" <= (t."business_day" + 1)::timestamp at time zone ${textSql(contract.zone)}`,
      ),
      ...ofWhole,
    },
    {
      id: 'cells.first_day',
      kind: 'range',
      column: 'business_day',
      min: contract.firstBusinessDay,
      ...(isKnown(contract.origins.firstBusinessDay) ? {} : warnOnly),
    },
  ];
}

/** What it says. */
function valueChecks(contract: DatasetContract): readonly CellExpectation[] {
  const { floor, plausible, nullPercent, sentinel } = valueFactsOf(contract);
  const plausibleRange: CellExpectation = {
    id: 'cells.value.plausible',
    description: 'Further from 0 than anybody would believe.',
    kind: 'range',
    column: 'value',
    min: -plausible,
    max: plausible,
    ...warnOnly,
  };
  const nulls: CellExpectation = {
    id: 'cells.value.there',
    description: 'A null is what the source gave: more of them than it is known to give.',
    kind: 'not_null',
    column: 'value',
    warn: { percent: nullPercent.value },
  };
  const belowFloor: readonly CellExpectation[] =
    floor === undefined
      ? []
      : [
          {
            id: 'cells.value.floor',
            kind: 'range',
            column: 'value',
            min: floor.value,
            ...(isKnown(floor.origin) ? {} : warnOnly),
          },
        ];
  const standIns: readonly CellExpectation[] =
    sentinel === undefined
      ? []
      : [
          {
            id: 'cells.value.none',
            description: `${sentinel} stands for no value: counted, and a warning where it is all there is.`,
            kind: 'no_sentinel',
            column: 'value',
            values: [sentinel],
            warn: { percent: 99.9 },
          },
        ];
  return [nulls, ...belowFloor, plausibleRange, ...standIns];
}

/** How a day compares with the days before it. */
function anomalyChecks(contract: DatasetContract): readonly CellExpectation[] {
  const { quietChange } = valueFactsOf(contract);
  const byWeekday = {
    kind: 'anomaly',
    of: ['slot'],
    warn: { deviations: 8 },
    minAbsoluteChange: quietChange,
    seasonality: 'weekday',
    minHistory: 4,
    maxHistory: 13,
  } as const;
  return [
    { id: 'cells.value.mean', measure: { of: 'mean', column: 'value' }, ...byWeekday },
    { id: 'cells.value.spread', measure: { of: 'stdev', column: 'value' }, ...byWeekday },
  ];
}

function unitSql({ unit, unitOverrides }: DatasetContract): string {
  const cases = unitOverrides.map(
    (override) =>
      `when starts_with(t."key", ${textSql(override.keyPrefix)}) then ${textSql(override.unit)}`,
  );
  return cases.length === 0 ? textSql(unit) : `case ${cases.join(' ')} else ${textSql(unit)} end`;
}

/** The length of a row's delivery period, by its beginning. */
function stepSql(contract: DatasetContract): string {
  const [always, ...later] = contract.steps;
  const cases = later
    .toReversed()
    .map(
      ({ fromBusinessDay, minutes }) =>
        `when t."delivery_start" >= timestamptz '${startOf(contract, fromBusinessDay)}' then interval '${minutes} minutes'`,
    );
  const first = `interval '${always?.minutes ?? 60} minutes'`;
  return cases.length === 0 ? first : `case ${cases.join(' ')} else ${first} end`;
}

function startOf(contract: DatasetContract, day: string | null): string {
  return day === null
    ? '-infinity'
    : new Date(businessDayBounds(contract, day).startMs).toISOString();
}

/** These tables are in Postgres alone. */
export function inPostgres(sql: string): { readonly duckdb: string; readonly postgres: string } {
  return { duckdb: sql, postgres: sql };
}

/** A text of the catalogue's, as SQL. */
export function textSql(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
