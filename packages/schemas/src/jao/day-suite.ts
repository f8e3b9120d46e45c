import { defineSuite } from '../expectations/expectation.ts';
import type { Expectation, ExpectationSuite } from '../expectations/expectation.ts';
import { inPostgres, textSql } from './cell-suite.ts';
import { dayShape } from './check-shapes.ts';
import type { dayColumns } from './check-shapes.ts';
import type { DatasetContract } from './dataset-contract.ts';
import { isKnown, valueFactsOf } from './value-facts.ts';
import type { ValueFacts } from './value-facts.ts';

type DayExpectation = Expectation<typeof dayColumns>;

const warnOnly = { warn: { count: 0 } } as const;
const isComplete = { column: 'state', in: ['complete'] } as const;
const hasCells = { column: 'state', in: ['complete', 'incomplete', 'quarantined'] } as const;

/**
 * What is expected of the business days of a dataset, in `jao.day`: that they came, when they were due,
 * and that they are whole. What is no fact of the source, but assumed by us, only warns.
 */
export function daySuite(contract: DatasetContract): ExpectationSuite {
  return defineSuite({
    dataset: contract.name,
    shape: dayShape,
    expectations: [
      { id: 'days.columns', kind: 'schema' },
      { id: 'days.unique', kind: 'unique', columns: ['region', 'dataset', 'business_day'] },
      {
        id: 'days.complete',
        description:
          'The last answer had every delivery period, and nothing of it is in quarantine.',
        kind: 'in_set',
        column: 'state',
        values: ['complete'],
        when: hasCells,
        ...warnOnly,
      },
      {
        id: 'days.revised',
        kind: 'compare',
        column: 'first_known',
        compare: '<=',
        other: 'last_revised',
      },
      ...sizeChecks(contract),
      ...arrivalChecks(contract),
      {
        id: 'days.volume',
        description: 'As many cells as on the same weekday before.',
        kind: 'anomaly',
        of: ['slot'],
        measure: { of: 'sum', column: 'cells' },
        warn: { deviations: 8 },
        minAbsoluteChange: 0,
        // A day has 23, 24 or 25 hours.
        minPercentChange: 10,
        seasonality: 'weekday',
        minHistory: 4,
        maxHistory: 13,
      },
      {
        id: 'days.keys',
        description:
          'As many keys as on the days before: another number tells that the set has changed.',
        kind: 'anomaly',
        of: ['slot'],
        measure: { of: 'sum', column: 'keys' },
        warn: { deviations: 1 },
        minAbsoluteChange: 0,
        minHistory: 3,
        maxHistory: 14,
      },
    ],
  });
}

/** How many cells a day has. */
function sizeChecks(contract: DatasetContract): readonly DayExpectation[] {
  const periods = periodsSql(contract);
  const { keyCounts } = valueFactsOf(contract);
  const known: readonly DayExpectation[] =
    keyCounts === undefined
      ? []
      : [
          {
            id: 'days.keys.all',
            description: 'A complete day has a cell of each key that the dataset is known to have.',
            kind: 'expression',
            sql: inPostgres(`t."cells" >= ${periods} * ${keysSql(keyCounts)}`),
            when: isComplete,
            ...(isKnown(keyCounts.origin) ? {} : warnOnly),
          },
          {
            id: 'days.keys.known',
            description: 'And of no others: such are data all the same.',
            kind: 'expression',
            sql: inPostgres(`t."cells" <= ${periods} * ${keysSql(keyCounts)}`),
            when: isComplete,
            ...warnOnly,
          },
        ];
  return [
    {
      id: 'days.cells.whole',
      description: 'A complete day has as many cells of each key as delivery periods.',
      kind: 'expression',
      sql: inPostgres(`t."cells" % ${periods} = 0`),
      when: isComplete,
      ...warnOnly,
    },
    ...known,
    {
      id: 'days.cells.stored',
      description: 'jao.latest has as many cells as the day is said to have.',
      kind: 'expression',
      sql: inPostgres(`t."cells" = (
        select count(*) from jao.latest as l
         where l.region = t."region" and l.dataset = t."dataset" and l.business_day = t."business_day")`),
      // It reads every cell, one by one.
      of: ['whole'],
    },
  ];
}

/** Whether what is due by the publication calendar has come. */
function arrivalChecks({ origins }: DatasetContract): readonly DayExpectation[] {
  const isSure = isKnown(origins.publication);
  const deadline = { deadline: { graceMs: 0 } } as const;
  return [
    {
      id: 'days.fresh',
      kind: 'freshness',
      column: 'business_day',
      when: hasCells,
      ...(isSure ? { error: deadline } : { warn: deadline }),
    },
    {
      id: 'days.gaps',
      kind: 'gaps',
      column: 'business_day',
      expected: 'calendar',
      when: hasCells,
      ...(isSure ? {} : warnOnly),
    },
  ];
}

/** How many delivery periods a row's day has, by the contract. */
function periodsSql({ zone, steps }: DatasetContract): string {
  const midnight = (day: string): string => `(${day})::timestamp at time zone ${textSql(zone)}`;
  const [always, ...later] = steps;
  const cases = later
    .toReversed()
    .map(
      ({ fromBusinessDay, minutes }) =>
        `when t."business_day" >= date '${fromBusinessDay ?? '-infinity'}' then ${minutes}`,
    );
  const minutes =
    cases.length === 0
      ? String(always?.minutes ?? 60)
      : `case ${cases.join(' ')} else ${always?.minutes ?? 60} end`;
  return `(extract(epoch from (${midnight('t."business_day" + 1')}) - (${midnight('t."business_day"')}))::bigint / 60 / (${minutes}))`;
}

function keysSql({ from }: NonNullable<ValueFacts['keyCounts']>): string {
  const [always, ...later] = from;
  const cases = later
    .toReversed()
    .map(
      ({ businessDay, keys }) =>
        `when t."business_day" >= date '${businessDay ?? '-infinity'}' then ${keys}`,
    );
  const first = String(always?.keys ?? 0);
  return cases.length === 0 ? first : `(case ${cases.join(' ')} else ${first} end)`;
}
