import { QualityError } from '../errors.ts';
import { microsOfText } from '../sql/time-text.ts';
import { compareRationals, numberOf, rationalOf } from './rational.ts';
import type { Rational } from './rational.ts';

/** What a measure gave: an exact number, a double, or a time in microseconds; or nothing to measure. */
export type Figure =
  | { readonly kind: 'exact'; readonly number: Rational }
  | { readonly kind: 'double'; readonly number: number }
  | { readonly kind: 'time'; readonly micros: bigint | number; readonly text: string }
  | { readonly kind: 'none' };

/** An exact quotient, or nothing where there is nothing to divide by. */
export function ratioFigure(numerator: bigint, denominator: bigint): Figure {
  return denominator === 0n
    ? { kind: 'none' }
    : { kind: 'exact', number: { numerator, denominator } };
}

/** A double as either engine writes it. */
export function readDouble(text: string): number {
  switch (text) {
    case 'inf':
    case 'Infinity':
      return Infinity;
    case '-inf':
    case '-Infinity':
      return -Infinity;
    case 'nan':
    case '-nan':
    case 'NaN':
      return Number.NaN;
    default:
      // The engines write zero with its sign, which no comparison sees.
      return Number(text) + 0;
  }
}

/** Negative where the figure is below the bound; NaN where it is neither below, at nor above. */
export function compareFigure(figure: Figure, bound: number | bigint | string): number {
  switch (figure.kind) {
    case 'exact':
      return compareRationals(figure.number, rationalOf(numberBound(bound)));
    case 'double':
      return figure.number - Number(numberBound(bound));
    case 'time':
      return compareTimes(figure.micros, microsOfText(String(bound)));
    case 'none':
      return Number.NaN;
  }
}

/** As a number, for a trend: of a time the milliseconds since 1970. */
export function figureNumber(figure: Figure): number | null {
  switch (figure.kind) {
    case 'exact':
      return numberOf(figure.number);
    case 'double':
      return Number.isFinite(figure.number) ? figure.number : null;
    case 'time': {
      const ms = Number(figure.micros) / 1_000;
      return Number.isFinite(ms) ? ms : null;
    }
    case 'none':
      return null;
  }
}

/** As text, for a person. */
export function figureText(figure: Figure): string | null {
  switch (figure.kind) {
    case 'exact': {
      const { numerator, denominator } = figure.number;
      return denominator === 1n ? String(numerator) : String(numberOf(figure.number));
    }
    case 'double':
      return String(figure.number);
    case 'time':
      return figure.text;
    case 'none':
      return null;
  }
}

function compareTimes(a: bigint | number, b: bigint | number): number {
  return a < b ? -1 : Number(a > b);
}

function numberBound(bound: number | bigint | string): number | bigint {
  if (typeof bound === 'string' || Number.isNaN(bound)) {
    throw new QualityError('DECLARATION', `${String(bound)} is no number to compare with`);
  }
  return bound;
}
