import { businessDayBounds, deliveryStarts } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract, StepMinutes } from '@sluice/schemas/jao';

/** A cell of an answer: a number, null, any other JSON, or no member at all. */
export type Cell = number | string | boolean | null | undefined;

/** The cells of each key, by row; a list that is too short leaves the rest absent. */
export type Cells = Readonly<Record<string, readonly Cell[]>>;

/** What else an answer may have. */
export interface AnswerOptions {
  /** The id of the first row. @default 1000 */
  readonly firstId?: number;
  /** Rows to leave out, by their place in the day. */
  readonly withoutRows?: readonly number[];
  /** JSON of rows to put behind the others. */
  readonly extraRows?: readonly string[];
}

/** The body of an answer for a day, with a row for each delivery period that the calendar expects. */
export function answerOf(
  contract: DatasetContract,
  day: BusinessDay,
  cells: Cells,
  { firstId = 1000, withoutRows = [], extraRows = [] }: AnswerOptions = {},
): Uint8Array {
  const rows = deliveryStarts(contract, day).flatMap((startMs, index) => {
    const members = Object.entries(cells).flatMap(([key, values]) => {
      const value = values[index];
      return value === undefined ? [] : [[key, value] as const];
    });
    return withoutRows.includes(index)
      ? []
      : [
          JSON.stringify({
            id: firstId + index,
            dateTimeUtc: new Date(startMs).toISOString().replace('.000Z', 'Z'),
            ...Object.fromEntries(members),
          }),
        ];
  });
  return bodyOf([...rows, ...extraRows]);
}

/** The body of an answer without rows. */
export function emptyAnswer(): Uint8Array {
  return bodyOf([]);
}

/** A contract as it would be if its delivery periods had this length, for answers that have. */
export function inStepsOf(contract: DatasetContract, minutes: StepMinutes): DatasetContract {
  return { ...contract, steps: [{ fromBusinessDay: null, minutes }] };
}

/** The same value in every delivery period of a day. */
export function throughout(contract: DatasetContract, day: BusinessDay, value: Cell): Cell[] {
  return deliveryStarts(contract, day).map(() => value);
}

/** The first moments of the delivery periods of a day, as Postgres gives them. */
export function startOf(contract: DatasetContract, day: BusinessDay): Date {
  return new Date(businessDayBounds(contract, day).startMs);
}

function bodyOf(rows: readonly string[]): Uint8Array {
  return new TextEncoder().encode(`{"data":[${rows.join(',')}],"rejected":false,"messages":null}`);
}
