import type { Bounds, BoundsSeverity } from '@sluice/schemas/expectations';

import { QualityError } from '../errors.ts';
import type { Finding } from './check-plan.ts';
import { compareFigure, figureNumber, figureText } from './figure.ts';
import type { Figure } from './figure.ts';
import { describeBounds, describeLevels } from './judge-severity.ts';

type AnyBounds = Bounds<number | bigint | string>;
type AnySeverity = BoundsSeverity<number | bigint | string>;

/** What follows from a figure and its bounds; NaN is in none. */
export function judgeFigure(severity: AnySeverity, figure: Figure): Finding {
  const { warn, error } = severity;
  const expected = describeSeverity(severity);
  if (figure.kind === 'none') {
    const note = 'there is nothing to measure';
    return {
      outcome: 'skipped',
      observed: null,
      expected,
      value: null,
      tested: null,
      failing: null,
      note,
    };
  }
  const isFailure = error !== undefined && !isWithin(figure, error);
  const isWarning = warn !== undefined && !isWithin(figure, warn);
  return {
    outcome: isFailure ? 'failed' : isWarning ? 'warned' : 'passed',
    observed: figureText(figure),
    expected,
    value: figureNumber(figure),
    tested: null,
    failing: null,
  };
}

/** @throws {QualityError} `DECLARATION` where no bound is declared. */
export function checkBounds(severity: AnySeverity): void {
  const bounds = [severity.warn, severity.error].filter((level) => level !== undefined);
  const hasOpenBounds = bounds.some(({ min, max }) => min === undefined && max === undefined);
  if (bounds.length === 0 || hasOpenBounds) {
    throw new QualityError('DECLARATION', 'bounds are missing: min or max, of warn or error');
  }
}

function describeSeverity({ warn, error }: AnySeverity): string {
  return describeLevels(warn && describeBounds(warn), error && describeBounds(error));
}

function isWithin(figure: Figure, { min, max }: AnyBounds): boolean {
  return (
    (min === undefined || compareFigure(figure, min) >= 0) &&
    (max === undefined || compareFigure(figure, max) <= 0)
  );
}
