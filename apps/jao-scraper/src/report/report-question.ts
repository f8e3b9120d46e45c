import { businessDayBounds } from '@sluice/schemas/jao';
import type { BusinessDay, DatasetContract } from '@sluice/schemas/jao';

/** What a report is about, of one dataset. */
export interface ReportQuestion {
  readonly contract: DatasetContract;
  /** Ascending, at least one. */
  readonly days: readonly BusinessDay[];
  readonly asOf: Date;
}

/** Its first and last business day. */
export function endsOf({ days }: ReportQuestion): {
  readonly from: BusinessDay;
  readonly to: BusinessDay;
} {
  const [from] = days;
  const to = days.at(-1);
  if (from === undefined || to === undefined) {
    throw new RangeError('a report is about one day at least');
  }
  return { from, to };
}

/** The delivery periods of its days, half-open. */
export function deliveryOf(question: ReportQuestion): { readonly start: Date; readonly end: Date } {
  const { from, to } = endsOf(question);
  return {
    start: new Date(businessDayBounds(question.contract, from).startMs),
    end: new Date(businessDayBounds(question.contract, to).endMs),
  };
}
