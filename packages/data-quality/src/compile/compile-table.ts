import { isTimeMeasure } from '@sluice/schemas/expectations';
import type { TableExpectation } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import { nounFor } from '../noun-for.ts';
import { CheckContext, scanStatement } from './check-context.ts';
import { skip } from './check-plan.ts';
import type { CheckPlan, Finding } from './check-plan.ts';
import { compileFreshness, compileGaps } from './compile-arrival.ts';
import { compileCategories, compileSpread } from './compile-distribution.ts';
import { compileMeasure } from './compile-measure.ts';
import { compileSameRows } from './compile-same-rows.ts';
import { compileSchema } from './compile-schema.ts';
import { compileSet } from './compile-set.ts';
import { detectAnomaly } from './detect-anomaly.ts';
import { compareFigure, figureNumber, figureText } from './figure.ts';
import type { Figure } from './figure.ts';
import { checkBounds, judgeFigure } from './judge-bounds.ts';
import { describeLevels } from './judge-severity.ts';
import { judgeDifference } from './judge-difference.ts';

/** Plans a check of a table as a whole. @throws {QualityError} where it can not be evaluated. */
export function compileTable(context: CheckContext, check: TableExpectation): CheckPlan {
  switch (check.kind) {
    case 'aggregate':
      return compileBounds(context, check, check.measure);
    case 'row_count':
      return compileBounds(context, check, { of: 'row_count' });
    case 'set_equals':
    case 'set_contains':
      return compileSet(context, check);
    case 'reconcile':
      return compileReconcile(context, check);
    case 'same_rows':
      return compileSameRows(context, check);
    case 'freshness':
      return compileFreshness(context, check);
    case 'gaps':
      return compileGaps(context, check);
    case 'schema':
      return compileSchema(context, check);
    case 'categories':
      return compileCategories(context, check);
    case 'spread':
      return compileSpread(context, check);
    case 'anomaly':
      return compileAnomaly(context, check);
  }
}

type Of<Kind extends TableExpectation['kind']> = Extract<TableExpectation, { kind: Kind }>;

function compileBounds(
  context: CheckContext,
  check: Of<'aggregate'> | Of<'row_count'>,
  measure: Of<'aggregate'>['measure'],
): CheckPlan {
  checkBounds(check);
  const plan = compileMeasure(context, measure, check.when);
  checkComparable(context, check, measure);
  return {
    scan: plan.scan,
    queries: plan.queries,
    judge: (figures, answers) => judgeFigure(check, plan.read(figures, answers)),
  };
}

/** A bound of the wrong kind is found here, and not only by the first value that it meets. */
function checkComparable(
  context: CheckContext,
  { warn, error }: Of<'aggregate'> | Of<'row_count'>,
  measure: Of<'aggregate'>['measure'],
): void {
  const sample: Figure = isTimeMeasure(measure, context.shape)
    ? { kind: 'time', micros: 0n, text: '' }
    : { kind: 'exact', number: { numerator: 0n, denominator: 1n } };
  for (const bound of [warn?.min, warn?.max, error?.min, error?.max]) {
    if (bound !== undefined) {
      compareFigure(sample, bound);
    }
  }
}

function compileReconcile(context: CheckContext, check: Of<'reconcile'>): CheckPlan {
  const { dialect, now } = context;
  const { relation, shape, measure, when } = check.other;
  const here = compileMeasure(context, check.measure, check.when);
  const other = new CheckContext({ dialect, relation, shape, now });
  const there = compileMeasure(other, measure, when);
  const otherScan = scanStatement(other, there.scan);
  return {
    scan: here.scan,
    queries: [...here.queries, ...otherScan, ...there.queries],
    judge: (figures, answers) => {
      const own = here.read(figures, answers.slice(0, here.queries.length));
      const rest = answers.slice(here.queries.length);
      const scanned = otherScan.length === 0 ? [] : Object.values(rest[0]?.[0] ?? {});
      return judgeDifference(check, own, there.read(scanned, rest.slice(otherScan.length)));
    },
  };
}

function compileAnomaly(context: CheckContext, check: Of<'anomaly'>): CheckPlan {
  const levels = [check.warn?.deviations, check.error?.deviations].filter(
    (level) => level !== undefined,
  );
  if (levels.length === 0 || !levels.every((level) => level > 0)) {
    throw new QualityError('DECLARATION', 'anomaly: deviations of warn or error, above 0');
  }
  const expected = describeLevels(
    check.warn && describeDeviations(check.warn),
    check.error && describeDeviations(check.error),
  );
  if (context.calendar === undefined) {
    return skip(expected, 'no calendar is configured');
  }
  const plan = compileMeasure(context, check.measure, check.when);
  return {
    scan: plan.scan,
    queries: plan.queries,
    judge: (figures, answers) =>
      judgeAnomaly(context, check, expected, plan.read(figures, answers)),
  };
}

function describeDeviations({ deviations }: { readonly deviations: number }): string {
  return `within ${deviations} ${nounFor(deviations, 'deviation')}`;
}

function judgeAnomaly(
  context: CheckContext,
  check: Of<'anomaly'>,
  expected: string,
  figure: Figure,
): Finding {
  const value = figureNumber(figure);
  const finding = { observed: figureText(figure), expected, value, tested: null, failing: null };
  if (value === null && figure.kind !== 'none') {
    throw new QualityError(
      'VALUE',
      `${figureText(figure) ?? ''} is not to be compared with anything`,
    );
  }
  if (value === null) {
    return { ...finding, outcome: 'skipped', note: 'there is nothing to measure' };
  }
  const anomaly = detectAnomaly(check, { at: context.at, value }, context.history);
  if (anomaly === undefined) {
    // The value is kept, and is history to the next run.
    return { ...finding, outcome: 'skipped', note: 'its history is too short' };
  }
  const { median, deviations, points } = anomaly;
  const isOver = (level: { readonly deviations: number } | undefined): boolean =>
    level !== undefined && deviations > level.deviations;
  return {
    ...finding,
    outcome: isOver(check.error) ? 'failed' : isOver(check.warn) ? 'warned' : 'passed',
    note: `${deviations.toFixed(1)} deviations from the median ${median} of ${points} earlier ${nounFor(points, 'value')}`,
  };
}
