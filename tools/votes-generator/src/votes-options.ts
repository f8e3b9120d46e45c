import { isCalendarDay, quarantineReasons } from '@sluice/schemas';
import type { QuarantineReason } from '@sluice/schemas';

export const orders = ['ascending', 'random'] as const;
export const formats = ['jsonl', 'xml'] as const;
export const valueKinds = ['string', 'number'] as const;

/** The order of a file's rows: by Id, or shuffled. */
export type RowOrder = (typeof orders)[number];
/** One JSON object a line, or the public dump's XML with one `<row>` a line. */
export type VotesFormat = (typeof formats)[number];
/** How JSON holds integers: `"1"`, or `1`. */
export type ValueKind = (typeof valueKinds)[number];

/**
 * How many rows a stream has when nobody says: as many as the real site's votes from 2017-02-28 to
 * 2021-09-04, so that a week has about 170.
 */
export const defaultStreamRows = 40_299;

/** Decimal shares that add up to 1 may add up to a little more in doubles. */
const roundingSlack = 1e-9;

/** Rows a stream may have at most. A hundred terabytes of text; every number made from a row stays exact. */
export const maxStreamRows = 2 ** 40;

/**
 * What a file of votes holds. The same options give the same bytes, on any machine.
 *
 * A *share* is a part of all rows, from 0 to 1, and is met on average: whether a row is, say, a
 * duplicate depends on the seed and the row alone. All shares are 0 by default.
 */
export interface VotesOptions {
  /** Records in the file: lines that are not blank. `badAtEnd` adds one. */
  readonly rows: number;
  /** Chooses the stream of rows; an integer from 0 to 2^32−1. */
  readonly seed: number;
  /** First row of the stream in this file, counted from 0. @default 0 */
  readonly firstRow?: number | undefined;
  /**
   * Rows of the whole stream, over which the days from `from` to `to` are spread. Two files agree on
   * the rows that both have when this is the same (and seed, days and shares are).
   *
   * Needed for a later part of a stream longer than the default.
   *
   * @default 40,299, or `rows` when the file starts at row 0 and has more
   */
  readonly streamRows?: number | undefined;
  /** Id of row 0. Later Ids grow with the row, with gaps. @default 1 */
  readonly firstId?: number | undefined;
  /** First day, `YYYY-MM-DD`. @default '2017-02-28' */
  readonly from?: string | undefined;
  /** The day after the last, `YYYY-MM-DD`. @default '2021-09-05' */
  readonly to?: string | undefined;
  /** A shuffled file has exactly the rows of the ascending one. @default 'ascending' */
  readonly order?: RowOrder | undefined;
  /** @default 'jsonl' */
  readonly format?: VotesFormat | undefined;
  /** For `jsonl` only: XML has no numbers. @default 'string' */
  readonly values?: ValueKind | undefined;
  /** Share of rows that repeat an earlier row byte for byte. */
  readonly duplicates?: number | undefined;
  /** Share of rows that repeat an earlier row's Id with one field changed. */
  readonly conflicts?: number | undefined;
  /** Shares of rows that break the contract, by the reason for which they go to quarantine. */
  readonly badLines?: Readonly<Partial<Record<QuarantineReason, number>>> | undefined;
  /** Adds one more record at the very end, cut in its middle (`not_json`). @default false */
  readonly badAtEnd?: boolean | undefined;
  /** Share of rows with a VoteTypeId that is not documented. */
  readonly unknownTypes?: number | undefined;
  /** Share of rows with a field that the contract does not know. */
  readonly unknownFields?: number | undefined;
  /** Share of rows with a line of nothing, or of white space, before them. */
  readonly blankLines?: number | undefined;
  /** Ends lines with `\r\n`. @default false */
  readonly crlf?: boolean | undefined;
  /** Begins the file with the three bytes of a UTF-8 byte order mark. @default false */
  readonly byteOrderMark?: boolean | undefined;
  /** Ends the last line too. @default true */
  readonly finalNewline?: boolean | undefined;
}

/** Options with nothing left open. */
export type ResolvedVotesOptions = {
  readonly [Name in keyof VotesOptions]-?: NonNullable<VotesOptions[Name]>;
};

/**
 * Fills in the defaults and checks everything.
 *
 * @throws {RangeError} naming the option, what it may be and what it is.
 */
export function resolveVotesOptions(options: VotesOptions): ResolvedVotesOptions {
  const { rows, firstRow = 0, from = '2017-02-28', to = '2021-09-05' } = options;
  checkInteger('rows', rows, { min: 0, max: maxStreamRows });
  checkInteger('firstRow', firstRow, { min: 0, max: maxStreamRows });
  const resolved = {
    rows,
    firstRow,
    from,
    to,
    seed: options.seed,
    streamRows: options.streamRows ?? defaultLength({ rows, firstRow }),
    firstId: options.firstId ?? 1,
    order: options.order ?? 'ascending',
    format: options.format ?? 'jsonl',
    values: options.values ?? 'string',
    duplicates: options.duplicates ?? 0,
    conflicts: options.conflicts ?? 0,
    badLines: options.badLines ?? {},
    badAtEnd: options.badAtEnd ?? false,
    unknownTypes: options.unknownTypes ?? 0,
    unknownFields: options.unknownFields ?? 0,
    blankLines: options.blankLines ?? 0,
    crlf: options.crlf ?? false,
    byteOrderMark: options.byteOrderMark ?? false,
    finalNewline: options.finalNewline ?? true,
  } satisfies ResolvedVotesOptions;
  checkStream(resolved);
  checkShares(resolved);
  return resolved;
}

function defaultLength({ rows, firstRow }: { readonly rows: number; readonly firstRow: number }) {
  if (firstRow > 0 && firstRow + rows > defaultStreamRows) {
    throw new RangeError(
      `streamRows is needed for rows ${String(firstRow)} to ${String(firstRow + rows)}: a stream has ${String(defaultStreamRows)} rows by default`,
    );
  }
  return Math.max(rows, defaultStreamRows);
}

function checkStream(options: ResolvedVotesOptions): void {
  const { seed, firstRow, rows, streamRows, firstId, from, to, format, values } = options;
  checkInteger('seed', seed, { min: 0, max: 2 ** 32 - 1 });
  checkInteger('streamRows', streamRows, { min: firstRow + rows, max: maxStreamRows });
  // Twice the rows is more than the gaps between Ids can take; the sum has to stay exact.
  checkInteger('firstId', firstId, { min: 1, max: Number.MAX_SAFE_INTEGER - 2 * maxStreamRows });
  checkDay('from', from);
  checkDay('to', to);
  if (from >= to) {
    throw new RangeError(`to must be a day after from (${from}), not ${to}`);
  }
  checkMember('order', options.order, orders);
  checkMember('format', format, formats);
  checkMember('values', values, valueKinds);
  if (format === 'xml' && values === 'number') {
    throw new RangeError("values must be 'string' with the format xml, which has no numbers");
  }
}

function checkShares(options: ResolvedVotesOptions): void {
  const { duplicates, conflicts, badLines } = options;
  for (const name of [
    'duplicates',
    'conflicts',
    'unknownTypes',
    'unknownFields',
    'blankLines',
  ] as const) {
    checkShare(name, options[name]);
  }
  for (const [reason, share] of Object.entries(badLines)) {
    checkMember('badLines', reason, quarantineReasons);
    checkShare(`badLines.${reason}`, share);
  }
  // A duplicate and a conflict each also take the earlier row that they repeat.
  const taken = 2 * (duplicates + conflicts) + sumOf(Object.values(badLines));
  if (taken > 1 + roundingSlack) {
    throw new RangeError(
      `2 × (duplicates + conflicts) + all badLines must be at most 1, not ${String(taken)}`,
    );
  }
}

function checkInteger(
  name: string,
  received: number,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  if (!Number.isSafeInteger(received) || received < min || received > max) {
    throw new RangeError(
      `${name} must be an integer from ${String(min)} to ${String(max)}, not ${String(received)}`,
    );
  }
}

function checkShare(name: string, received: number): void {
  if (!(received >= 0 && received <= 1)) {
    throw new RangeError(`${name} must be a share from 0 to 1, not ${String(received)}`);
  }
}

function checkMember(name: string, received: string, members: readonly string[]): void {
  if (!members.includes(received)) {
    throw new RangeError(`${name} must be one of ${members.join(', ')}, not ${received}`);
  }
}

function checkDay(name: string, received: string): void {
  const digits = /^(\d{4})-(\d{2})-(\d{2})$/.exec(received);
  const [year = 0, month = 0, day = 0] = (digits ?? []).slice(1).map(Number);
  if (!isCalendarDay(year, month, day)) {
    throw new RangeError(`${name} must be a day of the form 2017-02-28, not ${received}`);
  }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
