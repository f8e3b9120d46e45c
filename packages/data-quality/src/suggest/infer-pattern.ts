import type { ColumnProfile } from '@sluice/schemas/expectations';

import { maxShapes } from '../profile/profile-text.ts';

type Shape = NonNullable<ColumnProfile['text']>['shapes'][number];

interface Run {
  readonly character: string;
  readonly least: number;
  readonly most: number;
}

/** More alternatives than this say nothing. */
const maxAlternatives = 6;
const classes: Readonly<Record<string, string>> = { 9: '[0-9]', a: '[a-z]', A: '[A-Z]' };

/**
 * A pattern that all texts of these shapes match: shapes that differ in the lengths of their runs only are
 * one, and what all texts of one begin with is taken literally. `undefined` where the texts are too unlike.
 */
export function inferPattern(shapes: readonly Shape[]): string | undefined {
  if (shapes.length === 0 || shapes.length > maxShapes) {
    return undefined;
  }
  const alike = Map.groupBy(shapes, ({ shape }) =>
    runsOf(shape)
      .map(({ character }) => character)
      .join(''),
  );
  if (
    alike.size > maxAlternatives ||
    [...alike.keys()].some((key) => !/^[ -~]{1,40}$/u.test(key))
  ) {
    return undefined;
  }
  const alternatives = [...alike.values()].map(patternOf).sort();
  return alternatives.length === 1
    ? alternatives[0]
    : alternatives.map((pattern) => `(?:${pattern})`).join('|');
}

function runsOf(shape: string): Run[] {
  const runs = shape.match(/9+|a+|A+|[^9aA]/gsu) ?? [];
  return runs.map((run) => ({ character: run.slice(0, 1), least: run.length, most: run.length }));
}

function patternOf(shapes: readonly Shape[]): string {
  const [first = [], ...others] = shapes.map(({ shape }) => runsOf(shape));
  const runs = others.reduce<readonly Run[]>(
    (merged, next) =>
      merged.map((run, index) => ({
        ...run,
        least: Math.min(run.least, next[index]?.least ?? run.least),
        most: Math.max(run.most, next[index]?.most ?? run.most),
      })),
    first,
  );
  const common = commonStart(shapes);
  let taken = 0;
  const pieces = runs.map((run) => {
    const isLiteral = run.least === run.most && taken !== -1 && common.length >= taken + run.least;
    const literal = common.slice(taken, taken + run.least);
    taken = isLiteral ? taken + run.least : -1;
    return isLiteral ? escaped(literal) : repeated(run);
  });
  return pieces.join('');
}

/** What all texts between the least and the greatest, and so all texts, begin with. */
function commonStart(shapes: readonly Shape[]): string {
  const ends = shapes.flatMap(({ min, max }) => [min, max]);
  const [least = ''] = ends;
  let length = least.length;
  for (const end of ends) {
    while (!end.startsWith(least.slice(0, length))) {
      length -= 1;
    }
  }
  return least.slice(0, length);
}

function repeated({ character, least, most }: Run): string {
  const of = classes[character] ?? escaped(character);
  if (most > 255) {
    return `${of}+`;
  }
  if (least === most) {
    return most === 1 ? of : `${of}{${most}}`;
  }
  return `${of}{${least},${most}}`;
}

function escaped(literal: string): string {
  return literal.replaceAll(/[\\^$.|?*+()[\]{}]/g, (character) => `\\${character}`);
}
