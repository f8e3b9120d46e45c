import { QualityError } from '../errors.ts';

/** An exact number; the denominator is positive. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const decimalPattern = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/;
/** Doubles reach to 1e308, and no threshold has a use for more digits. */
const maxExponent = 400;

/** A number as it is written in decimal, exactly: 0.1 is one tenth. */
export function rationalOf(number: number | bigint): Rational {
  const [text, sign = '', whole = '', fraction = '', exponent = '0'] =
    decimalPattern.exec(String(number)) ?? [];
  if (text === undefined || Math.abs(Number(exponent)) > maxExponent) {
    throw new QualityError('DECLARATION', `${String(number)} is no number to compare with`);
  }
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const shift = Number(exponent) - fraction.length;
  return shift >= 0
    ? { numerator: digits * 10n ** BigInt(shift), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-shift) };
}

/** Negative where `a` is less than `b`, 0 where they are equal. */
export function compareRationals(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : Number(difference > 0n);
}

/** The nearest number. */
export function numberOf({ numerator, denominator }: Rational): number {
  return Number(numerator) / Number(denominator);
}
