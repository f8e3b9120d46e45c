/** Character codes of JSON's grammar. */
export const code = {
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  point: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  upperE: 0x45,
  backslash: 0x5c,
  closeBracket: 0x5d,
  lowerE: 0x65,
  lowerN: 0x6e,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** The grammar of a JSON number. */
export const jsonNumber = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/** Whether the digits from `from` to `to` are a JSON number, with or without a fraction. */
export function isPlainDecimal(
  text: string,
  { from, point, to }: { readonly from: number; readonly point: number; readonly to: number },
): boolean {
  const integerDigits = (point < 0 ? to : point) - from;
  const hasLeadingZero = integerDigits > 1 && text.charCodeAt(from) === code.zero;
  return integerDigits > 0 && !hasLeadingZero && point !== to - 1;
}

/** Whether a character can be in a number. */
export function isNumberCharacter(character: number): boolean {
  return (
    isDigit(character) ||
    character === code.point ||
    character === code.minus ||
    character === code.plus ||
    isExponent(character)
  );
}

/** 0 to 9. */
export function isDigit(character: number): boolean {
  return character >= code.zero && character <= code.nine;
}

/** The letter before an exponent. */
export function isExponent(character: number): boolean {
  return character === code.lowerE || character === code.upperE;
}
