import { textForms } from '@sluice/schemas/expectations';
import type { ColumnProfile } from '@sluice/schemas/expectations';

import { fewValues } from '../profile/profile-columns.ts';
import {
  candidate,
  changeOf,
  grouped,
  groupedOf,
  idOf,
  leastRows,
  mostChange,
  shown,
} from './candidate.ts';
import type { Candidate, ProfileToRead } from './candidate.ts';
import { findSentinels } from './find-sentinels.ts';
import { inferPattern } from './infer-pattern.ts';
import { atMostShare } from './wilson.ts';

/** A range is wider than what was seen by so much of its width. */
const margin = 0.1;
const mostExceptions = 0.05;
/** Of the numbers from the least code to the greatest, so many are codes; amounts are further apart. */
const leastDensity = 0.5;

/** Of each column, what its values are: of a set, of a form, within ends. */
export function proposeValues(read: ProfileToRead): Candidate[] {
  return read.profile.columns.flatMap((column) => {
    if (column.filled === 0) {
      return [];
    }
    const set = proposeSet(column, read.idPrefix);
    if (set !== undefined) {
      return [set];
    }
    return column.type === 'text' ? proposeText(column, read.idPrefix) : proposeRange(column, read);
  });
}

/**
 * What was seen is all there is, where hardly any value was seen but once: the share of those estimates
 * the share of what was not seen yet (Good and Turing). Of one value nobody can say what else there may be.
 */
function proposeSet(column: ColumnProfile, idPrefix: string): Candidate | undefined {
  const { name, type, distinct, filled, common } = column;
  const seenOnce = common.filter(({ rows }) => rows === 1).length;
  const isSet =
    (type === 'integer' || type === 'text') &&
    distinct > 1 &&
    distinct <= fewValues &&
    (type === 'text' || isCode(column)) &&
    common.length === distinct &&
    2 * distinct <= filled &&
    atMostShare(seenOnce, filled) <= mostExceptions;
  if (!isSet) {
    return undefined;
  }
  const values = common.flatMap(({ value }) => (value === null ? [] : [value])).sort(byValue);
  return candidate(
    { id: idOf(idPrefix, [name], 'known'), kind: 'in_set', column: name, values },
    `${groupedOf(distinct, 'different value')} in ${groupedOf(filled, 'row')}, ${seenOnce} of them in one row only`,
  );
}

/** A number that names a kind, and is no amount: such numbers are given out one after the other. */
function isCode({ min, max, distinct }: ColumnProfile): boolean {
  return distinct >= leastDensity * (Number(max) - Number(min) + 1);
}

function byValue(a: unknown, b: unknown): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1;
}

function proposeText(column: ColumnProfile, idPrefix: string): Candidate[] {
  const { name, filled, text } = column;
  if (text === null || text.minLength === null || text.maxLength === null) {
    return [];
  }
  const misses = (rows: number | undefined): number => filled - (rows ?? 0);
  const isMost = (rows: number | undefined): boolean =>
    atMostShare(misses(rows), filled) <= mostExceptions;
  const form = textForms.find((item) => isMost(text.forms[item]));
  if (form !== undefined) {
    const reason = `${grouped(text.forms[form] ?? 0)} of ${groupedOf(filled, 'text')} are of the form ${form}`;
    return [
      candidate({ id: idOf(idPrefix, [name], 'form'), kind: 'form', column: name, form }, reason),
    ];
  }
  if (isMost(text.jsonLike)) {
    const reason = `${grouped(text.jsonLike)} of ${groupedOf(filled, 'text')} begin as JSON objects or arrays do`;
    return [candidate({ id: idOf(idPrefix, [name], 'json'), kind: 'json', column: name }, reason)];
  }
  const pattern = inferPattern(text.shapes);
  if (pattern !== undefined) {
    return [
      candidate(
        { id: idOf(idPrefix, [name], 'form'), kind: 'pattern', column: name, pattern },
        `${groupedOf(column.distinct, 'different text')} of ${groupedOf(text.shapes.length, 'shape')}`,
      ),
    ];
  }
  const { minLength: min, maxLength } = text;
  const max = min === maxLength ? maxLength : Math.ceil(maxLength * (1 + margin));
  return [
    candidate(
      {
        id: idOf(idPrefix, [name], 'length'),
        kind: 'length',
        column: name,
        ...(min > 0 ? { min } : {}),
        max,
      },
      `${min} to ${maxLength} characters in ${groupedOf(filled, 'text')}`,
    ),
  ];
}

function proposeRange(column: ColumnProfile, { profile, idPrefix }: ProfileToRead): Candidate[] {
  const sentinels = new Set<ColumnProfile['min']>(findSentinels(column).map(({ value }) => value));
  const min = sentinels.has(column.min) ? column.aboveMin : column.min;
  const max = sentinels.has(column.max) ? column.belowMax : column.max;
  // The first time that was seen is where the rows begin, and says nothing of those before it.
  const isNumber = column.type === 'integer' || column.type === 'double';
  if (
    !isNumber ||
    min === null ||
    max === null ||
    column.distinct < 2 ||
    column.filled < leastRows
  ) {
    return [];
  }
  const spread = profile.spreads.find((item) => item.column === column.name);
  // A number of its own for each row goes on rising, and so does what names such rows elsewhere.
  const isOpen =
    profile.keys.some((key) => key.length === 1 && key[0] === column.name) ||
    (spread !== undefined && changeOf(spread) > mostChange);
  const ends = numberEnds(column, Number(min), Number(max), isOpen);
  const when =
    sentinels.size === 0 ? {} : { when: { not: { column: column.name, in: [...sentinels] } } };
  return ends === undefined
    ? []
    : [
        candidate(
          {
            id: idOf(idPrefix, [column.name], 'range'),
            kind: 'range',
            column: column.name,
            ...ends,
            ...when,
          },
          `${shown(min)} to ${shown(max)} in ${groupedOf(column.filled, 'row')}` +
            (sentinels.size === 0 ? '' : `, but for ${[...sentinels].map(shown).join(', ')}`),
        ),
      ];
}

/** A tenth of the width beyond what was seen, in two digits of it; not across 0 or 1, where counts begin. */
function numberEnds(column: ColumnProfile, min: number, max: number, isOpen: boolean) {
  const width = max - min;
  if (
    !Number.isSafeInteger(column.type === 'integer' ? width : 0) ||
    !(width > 0) ||
    !Number.isFinite(width)
  ) {
    return undefined;
  }
  const unit = 10 ** (Math.floor(Math.log10(width)) - 1);
  const down = (value: number): number => clean(Math.floor(value / unit) * unit);
  const up = (value: number): number => clean(Math.ceil(value / unit) * unit);
  const clean = (value: number): number =>
    column.type === 'integer' ? Math.round(value) : Number(value.toPrecision(12));
  const floor = min >= 1 && column.type === 'integer' ? 1 : min >= 0 ? 0 : -Infinity;
  const least = Math.min(min, Math.max(floor, down(min - margin * width)));
  const greatest = max <= 0 ? Math.min(0, up(max + margin * width)) : up(max + margin * width);
  const isSafe =
    Number.isSafeInteger(Math.round(least)) && Number.isSafeInteger(Math.round(greatest));
  if (column.type === 'integer' && !isSafe) {
    return undefined;
  }
  return isOpen ? { min: least } : { min: least, max: Math.max(max, greatest) };
}
