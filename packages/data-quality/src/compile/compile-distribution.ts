import type { AnyValue, TableExpectation } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { nounFor } from '../noun-for.ts';
import { allOf, join, sql } from '../sql/sql.ts';
import type { Sql } from '../sql/sql.ts';
import type { CheckContext } from './check-context.ts';
import type { CheckPlan } from './check-plan.ts';
import { compileWhen } from './compile-condition.ts';
import { checkBounds, judgeFigure } from './judge-bounds.ts';
import { countWhere } from './row-plan.ts';

type CategoriesCheck = Extract<TableExpectation, { kind: 'categories' }>;
type SpreadCheck = Extract<TableExpectation, { kind: 'spread' }>;

interface Category {
  readonly weight: number;
  readonly found: number;
}

/** Counts of the baseline's values, all in the shared scan, and of all others together. */
export function compileCategories(context: CheckContext, check: CategoriesCheck): CheckPlan {
  checkBounds(check);
  const { column, baseline } = check;
  const weights = baseline.map(({ weight }) => weight);
  if (baseline.length < 2 || !weights.every((weight) => weight > 0 && Number.isFinite(weight))) {
    throw new QualityError('DECLARATION', 'categories: two values at least, with weights above 0');
  }
  const when = compileWhen(context, check.when);
  const isValue = (value: AnyValue): Sql =>
    sql`${context.column(column)} = ${context.value(column, value)}`;
  const counts = baseline.map(({ value }) => countWhere(context, allOf([when, isValue(value)])));
  const known = join(
    baseline.map(({ value }) => context.value(column, value)),
    ', ',
  );
  const others = countWhere(
    context,
    allOf([when, sql`${context.column(column)} not in (${known})`]),
  );
  return {
    scan: [...counts, others],
    queries: [],
    judge: (figures) => {
      const found = figures.map(Number);
      const unknown = found.at(-1) ?? 0;
      const categories = weights.map((weight, index) => ({ weight, found: found[index] ?? 0 }));
      const tested = categories.reduce((sum, category) => sum + category.found, 0);
      const finding = judgeFigure(
        check,
        tested === 0
          ? { kind: 'none' }
          : { kind: 'double', number: statistics[check.statistic](categories, tested) },
      );
      const hasUnknown = unknown > 0 && finding.outcome === 'passed';
      return {
        ...finding,
        outcome: hasUnknown ? 'warned' : finding.outcome,
        tested: BigInt(tested + unknown),
        ...(unknown > 0
          ? {
              note: `${unknown} ${nounFor(unknown, 'row has', 'rows have')} a value that the baseline lacks`,
            }
          : {}),
      };
    },
  };
}

const statistics: Readonly<
  Record<CategoriesCheck['statistic'], (categories: readonly Category[], tested: number) => number>
> = {
  chi_squared: chiSquared,
  cramers_v: (categories, tested) =>
    Math.sqrt(chiSquared(categories, tested) / (tested * (categories.length - 1))),
  total_variation: (categories, tested) => {
    const total = totalWeight(categories);
    const distances = categories.map(({ weight, found }) =>
      Math.abs(found / tested - weight / total),
    );
    return distances.reduce((sum, distance) => sum + distance, 0) / 2;
  },
};

function chiSquared(categories: readonly Category[], tested: number): number {
  const total = totalWeight(categories);
  return categories.reduce((sum, { weight, found }) => {
    const expected = (tested * weight) / total;
    return sum + (found - expected) ** 2 / expected;
  }, 0);
}

function totalWeight(categories: readonly Category[]): number {
  return categories.reduce((sum, { weight }) => sum + weight, 0);
}

/** How many values are at most each of the baseline's, all in the shared scan. */
export function compileSpread(context: CheckContext, check: SpreadCheck): CheckPlan {
  checkBounds(check);
  const { column, baseline } = check;
  const isAscending = baseline.every(({ value, share }, index) => {
    const before = baseline[index - 1];
    return (
      share >= 0 &&
      share <= 1 &&
      (before === undefined || (before.value < value && before.share <= share))
    );
  });
  if (baseline.length === 0 || !isAscending) {
    throw new QualityError('DECLARATION', 'spread: values and their shares (0 to 1) ascend');
  }
  const when = compileWhen(context, check.when);
  const counts = baseline.map(({ value }) =>
    countWhere(
      context,
      allOf([when, sql`${context.column(column)} <= ${context.value(column, value)}`]),
    ),
  );
  return {
    scan: [...counts, countWhere(context, allOf([when, context.isNotNull(column)]))],
    queries: [],
    judge: (figures) => {
      const found = figures.map(Number);
      const tested = found.at(-1) ?? 0;
      const distances = baseline.map(({ share }, index) =>
        Math.abs((found[index] ?? 0) / tested - share),
      );
      return {
        ...judgeFigure(
          check,
          tested === 0 ? { kind: 'none' } : { kind: 'double', number: Math.max(...distances) },
        ),
        tested: BigInt(tested),
      };
    },
  };
}
