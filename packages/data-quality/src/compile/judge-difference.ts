import type { TableExpectation, Tolerance } from '@sluice/schemas/expectations';

import type { Finding } from './check-plan.ts';
import { figureNumber, figureText } from './figure.ts';
import type { Figure } from './figure.ts';
import { describeLevels } from './judge-severity.ts';
import { compareRationals, numberOf, rationalOf } from './rational.ts';
import type { Rational } from './rational.ts';

type ReconcileCheck = Extract<TableExpectation, { kind: 'reconcile' }>;

/** What follows from two figures that are to be the same. Nothing at all equals nothing at all. */
export function judgeDifference(check: ReconcileCheck, own: Figure, other: Figure): Finding {
  const hasNone = check.warn === undefined && check.error === undefined;
  const error = hasNone ? { absolute: 0 } : check.error;
  const isFailure = error !== undefined && isApart(error, own, other);
  const isWarning = check.warn !== undefined && isApart(check.warn, own, other);
  const [here, there] = [figureText(own) ?? 'nothing', figureText(other) ?? 'nothing'];
  return {
    outcome: isFailure ? 'failed' : isWarning ? 'warned' : 'passed',
    observed: `${here} here, ${there} in ${check.other.relation.schema}.${check.other.relation.table}`,
    expected: describeLevels(check.warn && describe(check.warn), error && describe(error)),
    value: difference(own, other),
    tested: null,
    failing: null,
  };
}

function isApart(tolerance: Tolerance, own: Figure, other: Figure): boolean {
  if (own.kind === 'none' || other.kind === 'none') {
    return own.kind !== other.kind;
  }
  if (own.kind === 'exact' && other.kind === 'exact') {
    const apart = absolute(subtract(own.number, other.number));
    return compareRationals(apart, allowance(tolerance, other.number)) > 0;
  }
  const [here, there] = [doubleOf(own), doubleOf(other)];
  const allowed =
    'absolute' in tolerance
      ? Number(tolerance.absolute)
      : (Math.abs(there) * tolerance.percent) / 100;
  // NaN is not near anything, and an infinity only to itself.
  return !(here === there || Math.abs(here - there) <= allowed);
}

function allowance(tolerance: Tolerance, other: Rational): Rational {
  if ('absolute' in tolerance) {
    return rationalOf(tolerance.absolute);
  }
  const percent = rationalOf(tolerance.percent);
  const base = absolute(other);
  return {
    numerator: base.numerator * percent.numerator,
    denominator: base.denominator * percent.denominator * 100n,
  };
}

function difference(own: Figure, other: Figure): number | null {
  if (own.kind === 'exact' && other.kind === 'exact') {
    return numberOf(subtract(own.number, other.number));
  }
  const apart = (figureNumber(own) ?? Number.NaN) - (figureNumber(other) ?? Number.NaN);
  return Number.isFinite(apart) ? apart : null;
}

function subtract(a: Rational, b: Rational): Rational {
  return {
    numerator: a.numerator * b.denominator - b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

function absolute({ numerator, denominator }: Rational): Rational {
  return { numerator: numerator < 0n ? -numerator : numerator, denominator };
}

/** A time in seconds. */
function doubleOf(figure: Exclude<Figure, { kind: 'none' }>): number {
  switch (figure.kind) {
    case 'exact':
      return numberOf(figure.number);
    case 'double':
      return figure.number;
    case 'time':
      return Number(figure.micros) / 1_000_000;
  }
}

function describe(tolerance: Tolerance): string {
  return 'absolute' in tolerance
    ? `not more than ${String(tolerance.absolute)} apart`
    : `not more than ${tolerance.percent} % apart`;
}
