import type { RandomSource } from './random-source.ts';

/** Of the shared subset, with what is likely to be read differently. */
export function randomPattern(random: RandomSource, depth = 2): string {
  const atoms = [
    'a',
    'b',
    'A',
    '.',
    'é',
    '日',
    '😀',
    '\\n',
    '\\t',
    '\\.',
    '\\\\',
    '\\|',
    ' ',
    '%',
    '_',
    '/',
    '"',
    "'",
    '[a-z]',
    '[^a]',
    '[A-Za-z0-9_]',
    '[0-9]',
    '[^\\n]',
    '[à-ü]',
    '[\\]\\[\\^-]',
    '[\\-a\\\\]',
    '[一-龠😀]',
    '[^ -~]',
    '\\-',
    '-',
    ',',
    '&',
    '=',
    '[.]',
    '[$|(){}?*+]',
    '#',
    ':',
  ];
  const atom = (): string =>
    depth > 0 && random.chance(0.25)
      ? `(${random.pick(['', '?:'])}${randomPattern(random, depth - 1)})`
      : random.pick(atoms);
  const piece = (): string =>
    atom() + random.pick(['', '', '', '?', '*', '+', '{2}', '{1,3}', '{0,2}', '{1,}', '{0}']);
  const branch = (): string => Array.from({ length: 1 + random.below(3) }, piece).join('');
  return Array.from({ length: random.pick([1, 1, 2]) }, branch).join('|');
}

/** LIKE patterns. */
export function randomLike(random: RandomSource): string {
  const pieces = [
    'a',
    'b',
    'A',
    '%',
    '_',
    '%',
    '_',
    '\\%',
    '\\_',
    '\\\\',
    'é',
    '日',
    '😀',
    '\n',
    '',
    ' ',
    "'",
  ];
  return Array.from({ length: random.below(4) }, () => random.pick(pieces)).join('');
}

/** Expressions over the odd table that both engines read alike. */
export function randomExpression(random: RandomSource): string {
  return random.pick([
    '"i" > "J ""j"""',
    '"i" + "J ""j""" * 2 - 1 >= 0',
    '"i" * "J ""j""" < 100 or "i" is null',
    'abs("i") <= 8 and "d" < 1.5',
    '"s" = "select" or "s" > \'a\' and "s" < \'é\'',
    "coalesce(\"s\", '') <> ''",
    'case when "b" then "i" > 0 else "i" < 5 end',
    '"i" in (1, 2, 5, -1)',
    '"day" <= "next day" and "ts" <> "t s"',
    '"d" is not distinct from "e"',
    'not "b"',
    '"b"',
    'length("s") > 1',
    'nullif("i", 1) is null',
    '"d" between 0 and 0.5',
    '"at" < "until" and ("i" * 0.5 < 3 - "J ""j""" or "i" + 1 > 2)',
  ]);
}
