import {
  comparisons,
  findContradiction,
  textForms,
  timeGrains,
} from '@sluice/schemas/expectations';
import type {
  AnyValue,
  Condition,
  Expectation,
  ExpectationKind,
  RowSeverity,
} from '@sluice/schemas/expectations';

import { microsOfText, textOfMicros } from '../../src/sql/time-text.ts';
import { bounds, randomMeasure } from './odd-measures.ts';
import { names, ofType } from './odd-names.ts';
import type { Name } from './odd-names.ts';
import { oddColumns, oddValues } from './odd-table.ts';
import { randomExpression, randomLike, randomPattern } from './odd-texts.ts';
import type { RandomSource } from './random-source.ts';

export const otherRelation = { schema: 'q', table: 'other "table"' };

/** Of each kind, a random expectation of the odd table. */
export const oddExpectations: Readonly<
  Record<ExpectationKind, (random: RandomSource) => Expectation>
> = {
  not_null: (random) => ({ ...row(random), kind: 'not_null', column: random.pick(names) }),
  null: (random) => ({ ...row(random), kind: 'null', column: random.pick(names) }),
  no_sentinel: (random) => withValues(random, { ...row(random), kind: 'no_sentinel' }),
  in_set: (random) => withValues(random, { ...row(random), kind: 'in_set' }),
  not_in_set: (random) => withValues(random, { ...row(random), kind: 'not_in_set' }),
  missing: (random) => {
    const column = random.pick(names);
    return {
      ...base(random),
      kind: 'missing',
      column,
      sentinels: random.chance(0.2) ? [] : someValues(random, column),
      ...(random.chance(0.7) ? { expectedWhen: condition(random, 2) } : {}),
      unexpected: random.pick(['count_only', severity(random)]),
      sentinel: random.pick(['count_only', severity(random)]),
    };
  },
  range: (random) => {
    const column = random.pick(names.filter((name) => oddColumns[name] !== 'boolean'));
    const ends = random.some(['min', 'max', 'above', 'below'] as const);
    return {
      ...row(random),
      kind: 'range',
      column,
      ...Object.fromEntries(
        (ends.length === 0 ? (['min'] as const) : ends).map((end) => [end, value(random, column)]),
      ),
    };
  },
  length: (random) => ({
    ...row(random),
    kind: 'length',
    column: ofType(random, 'text'),
    min: random.below(3),
    ...(random.chance(0.5) ? { max: random.below(5) } : {}),
  }),
  pattern: (random) => ({
    ...row(random),
    kind: 'pattern',
    column: ofType(random, 'text'),
    pattern: randomPattern(random),
  }),
  not_pattern: (random) => ({
    ...row(random),
    kind: 'not_pattern',
    column: ofType(random, 'text'),
    pattern: randomPattern(random),
  }),
  like: (random) => ({
    ...row(random),
    kind: 'like',
    column: ofType(random, 'text'),
    pattern: randomLike(random),
  }),
  not_like: (random) => ({
    ...row(random),
    kind: 'not_like',
    column: ofType(random, 'text'),
    pattern: randomLike(random),
  }),
  form: (random) => ({
    ...row(random),
    kind: 'form',
    column: ofType(random, 'text'),
    form: random.pick(textForms),
  }),
  compare: (random) => {
    const column = random.pick(names);
    const others = names.filter((name) => oddColumns[name] === oddColumns[column]);
    return {
      ...row(random),
      kind: 'compare',
      compare: random.pick(comparisons),
      column,
      other: random.pick(others),
    };
  },
  tuple_in_set: (random) => {
    const columns = someNames(random, 2);
    const count = random.below(5);
    return {
      ...row(random),
      kind: 'tuple_in_set',
      columns,
      tuples: Array.from({ length: count }, () => columns.map((name) => value(random, name))),
    };
  },
  filled: (random) => ({
    ...row(random),
    kind: 'filled',
    columns: someNames(random, 2 + random.below(2)),
    filled: random.pick(['exactly_one', 'at_most_one', 'at_least_one', 'all_or_none']),
  }),
  expression: (random) => ({ ...row(random), kind: 'expression', sql: randomExpression(random) }),
  unique: (random) => ({
    ...row(random),
    kind: 'unique',
    columns: someNames(random, 1 + random.below(2)),
  }),
  reference: (random) => {
    const columns = someNames(random, 1 + random.below(2));
    return {
      ...row(random),
      kind: 'reference',
      columns,
      references: { relation: otherRelation, columns },
    };
  },
  no_overlap: (random) => {
    const [from, to] = random.pick([
      ['i', 'J "j"'],
      ['day', 'next day'],
      ['ts', 't s'],
      ['at', 'until'],
      ['at', 'at'],
    ] as const);
    return {
      ...row(random),
      kind: 'no_overlap',
      from,
      to,
      ...(random.chance(0.5) ? { partitionBy: someNames(random, 1) } : {}),
    };
  },
  sequence: (random) => {
    const column = ofType(random, random.pick(['integer', 'date', 'timestamp', 'instant']));
    const isInteger = oddColumns[column] === 'integer';
    const step = isInteger
      ? random.pick([1, 3n])
      : random.pick([...timeGrains, { ms: 86_399_999 }, { ms: 3_600_000 }]);
    const isOwnOrder = random.chance(0.4);
    return {
      ...row(random),
      kind: 'sequence',
      column,
      ...(isOwnOrder
        ? { step }
        : {
            orderBy: random.pick([['id'], ['s', 'i'], ['b']]),
            direction: random.pick(['ascending', 'descending']),
            ...(random.chance(0.4) ? { step } : { mayRepeat: random.chance(0.5) }),
          }),
      ...(random.chance(0.3) ? { partitionBy: someNames(random, 1) } : {}),
    } as Expectation; // a step of the column's type
  },
  json: (random) => ({
    ...row(random),
    kind: 'json',
    column: ofType(random, 'text'),
    ...(random.chance(0.4) ? { is: random.pick(['object', ['array', 'number']]) } : {}),
    ...(random.chance(0.3)
      ? { required: { a: random.pick(['number', ['string', 'null'], 'object']) } }
      : {}),
    ...(random.chance(0.3) ? { optional: { 'b/~"\\': 'boolean', '': 'array' } } : {}),
    ...(random.chance(0.3) ? { maxDepth: random.pick([1, 2, 20]) } : {}),
  }),
  no_outliers: (random) => ({
    ...row(random),
    kind: 'no_outliers',
    column: ofType(random, random.pick(['integer', 'double'])),
    deviations: random.pick([0.5, 1, 2, 3.5]),
    ...(random.chance(0.5) ? { minDistance: random.pick([0.2, 1, 3]) } : {}),
    ...(random.chance(0.4) ? { partitionBy: [random.pick(['b', 's'] as const)] } : {}),
  }),
  same_rows: (random) => ({
    ...base(random),
    kind: 'same_rows',
    other: {
      relation: otherRelation,
      ...(random.chance(0.3) ? { names: { ts: 't s', s: 'select', d: 'e' } } : {}),
    },
    ...(random.chance(0.6) ? {} : { key: someNames(random, 1 + random.below(2)) }),
    ...(random.chance(0.8) ? { columns: someNames(random, random.below(3)) } : {}),
    ...severityOfTable(random),
  }),
  aggregate: (random) => {
    const measure = randomMeasure(random);
    return { ...base(random), kind: 'aggregate', measure, error: bounds(random, measure) };
  },
  row_count: (random) => ({
    ...base(random),
    kind: 'row_count',
    warn: { min: random.below(20) },
    error: { max: random.below(40) },
  }),
  set_equals: (random) => withValues(random, { ...base(random), kind: 'set_equals' }),
  set_contains: (random) => withValues(random, { ...base(random), kind: 'set_contains' }),
  reconcile: (random) => ({
    ...base(random),
    kind: 'reconcile',
    measure: randomMeasure(random),
    other: {
      relation: otherRelation,
      shape: { columns: oddColumns, key: ['id'] },
      measure: randomMeasure(random),
    },
    error: random.pick([{ absolute: 3 }, { percent: 12.5 }]),
  }),
  freshness: (random) => ({
    ...base(random),
    kind: 'freshness',
    column: ofType(random, random.pick(['date', 'timestamp', 'instant'])),
    error: random.pick([
      { maxAgeMs: 86_400_000 * random.below(1_000) },
      { deadline: { graceMs: 0 } },
    ]),
  }),
  gaps: (random) =>
    random.chance(0.6)
      ? {
          ...base(random),
          kind: 'gaps',
          expected: 'calendar',
          column: ofType(random, random.pick(['date', 'timestamp', 'instant'])),
          ...(random.chance(0.7) ? { grain: random.pick(timeGrains) } : {}),
        }
      : gapsByRelation(random),
  schema: (random) => ({ id: 'x', kind: 'schema', additional: random.pick(['warn', 'error']) }),
  categories: (random) => {
    const column = random.pick(names);
    const values = distinct(random, column, 2 + random.below(3));
    return {
      ...base(random),
      kind: 'categories',
      statistic: random.pick(['chi_squared', 'cramers_v', 'total_variation']),
      column,
      baseline: values.map((declared) => ({ value: declared, weight: 1 + random.below(9) })),
      warn: { max: 0.5 },
    };
  },
  spread: (random) => ({
    ...base(random),
    kind: 'spread',
    column: ofType(random, random.pick(['integer', 'double'])),
    baseline: [
      { value: -2, share: 0.1 },
      { value: 0.5, share: 0.6 },
      { value: 9, share: 1 },
    ].map((point) => ({ ...point, value: Math.trunc(point.value) })),
    error: { max: 0.3 },
  }),
  anomaly: (random) => ({
    ...base(random),
    kind: 'anomaly',
    measure: randomMeasure(random),
    minAbsoluteChange: random.below(3),
    warn: { deviations: 2 },
    error: { deviations: 5 },
  }),
};

function base(random: RandomSource): { id: string; when?: Condition } {
  return { id: 'x', ...(random.chance(0.4) ? { when: condition(random, 2) } : {}) };
}

function row(random: RandomSource): { id: string; when?: Condition } & RowSeverity {
  return { ...base(random), ...severity(random) };
}

function severity(random: RandomSource): RowSeverity {
  const threshold = () =>
    random.pick([{ count: random.below(4) }, { percent: random.below(1_001) / 10 }]);
  const levels: RowSeverity = {
    ...(random.chance(0.5) ? { warn: threshold() } : {}),
    ...(random.chance(0.5) ? { error: threshold() } : {}),
    action: random.pick(['warn', 'quarantine', 'refuse']),
  };
  return findContradiction(levels) === undefined ? levels : severity(random);
}

function severityOfTable(random: RandomSource): Pick<RowSeverity, 'warn' | 'error'> {
  const { warn, error } = severity(random);
  return { ...(warn ? { warn } : {}), ...(error ? { error } : {}) };
}

function gapsByRelation(random: RandomSource): Expectation {
  const columns = someNames(random, 1 + random.below(2));
  return {
    ...base(random),
    kind: 'gaps',
    expected: { relation: otherRelation, columns },
    columns,
    error: { count: random.below(10) },
  };
}

function withValues(random: RandomSource, partial: object): Expectation {
  const column = random.pick(names);
  // A kind that takes a column and values of it, which these are.
  return { ...partial, column, values: someValues(random, column) } as unknown as Expectation;
}

function someNames(random: RandomSource, count: number): Name[] {
  const left = [...names];
  return Array.from({ length: count }, () => left.splice(random.below(left.length), 1)).flat();
}

function someValues(random: RandomSource, column: Name): AnyValue[] {
  return distinct(random, column, random.below(5));
}

function distinct(random: RandomSource, column: Name, count: number): AnyValue[] {
  const values = Array.from({ length: count }, () => value(random, column));
  const unlike = values.filter(
    (item, index) => values.findIndex((other) => Object.is(other, item)) === index,
  );
  return oddColumns[column] === 'boolean' && count >= 2
    ? [true, false]
    : unlike.length < 2 && count >= 2
      ? distinct(random, column, count)
      : unlike;
}

/** A value as a declaration has it, mostly one that occurs. */
export function value(random: RandomSource, column: Name): AnyValue {
  const type = oddColumns[column];
  const finite = oddValues[type].filter((text) => type === 'double' || !text.includes('infinity'));
  const text = random.pick<string>(finite);
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(Number(text)) && random.chance(0.5) ? Number(text) : BigInt(text);
    case 'double':
      return Number(text);
    case 'boolean':
      return text === 'true';
    case 'text':
    case 'date':
      return text;
    case 'timestamp':
      return text.replace(' ', random.pick([' ', 'T']));
    case 'instant': {
      const micros = microsOfText(text);
      return typeof micros === 'bigint' && random.chance(0.5) ? `${textOfMicros(micros)}Z` : text;
    }
  }
}

/** A random condition on a row of the odd table. */
export function condition(random: RandomSource, depth: number): Condition {
  const kind = depth === 0 ? random.below(3) : random.below(6);
  const column = random.pick(names);
  switch (kind) {
    case 0:
      return { column, is: random.pick(['null', 'not_null']) };
    case 1:
      return { column, in: someValues(random, column) }; // of the column's type
    case 3:
      return { all: Array.from({ length: random.below(3) }, () => condition(random, depth - 1)) };
    case 4:
      return {
        any: Array.from({ length: 1 + random.below(2) }, () => condition(random, depth - 1)),
      };
    case 5:
      return { not: condition(random, depth - 1) };
    default:
      return {
        column,
        compare: random.pick(comparisons),
        value: value(random, column),
      };
  }
}
