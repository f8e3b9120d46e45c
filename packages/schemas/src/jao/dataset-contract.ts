/** A business day as an ISO calendar date, `2026-04-20`; days compare as strings. */
export type BusinessDay = string;

/** Lengths of a delivery period that the service knows, in minutes. */
export type StepMinutes = 15 | 60;

/**
 * Where a fact of a contract comes from, the most certain first: `seen` in a real response, `told`
 * by the operator's documents, relied on by a public `client`, or `assumed` by us.
 */
export const factOrigins = ['seen', 'told', 'client', 'assumed'] as const;

/** A member of {@link factOrigins}. */
export type FactOrigin = (typeof factOrigins)[number];

/** From which business day on a dataset's delivery periods have which length. */
export interface DatedStep {
  /** `null` is always: before any dated step. */
  readonly fromBusinessDay: BusinessDay | null;
  readonly minutes: StepMinutes;
}

/** When the values of a business day are due, in the dataset's zone. */
export interface PublicationCalendar {
  /** Days from the business day to the day it is published on: -1 is the day before. */
  readonly dueDayOffset: number;
  /** Local time of day, `10:30`. */
  readonly dueLocalTime: string;
  /** How long after the due time a value that is not there is only late. */
  readonly graceMinutes: number;
  /** How long after the due time nobody waits for it any more. */
  readonly giveUpHours: number;
  /**
   * A key that the answers for the days up to so many after its last one lacked comes no more; until
   * then it is missing.
   */
  readonly seriesEndsAfterDays: number;
}

/**
 * The contract of one dataset of the JAO Publication Tool: wide rows, one per delivery period, each
 * member that is not a known field being one series.
 */
export interface DatasetContract {
  /** `core/maxExchanges` */
  readonly name: string;
  readonly region: string;
  readonly dataset: string;
  /** Path below the service's origin: `/core/api/data/maxExchanges`. */
  readonly path: string;
  /** Unit of all series but those that `unitOverrides` names; see `unitOfKey`. */
  readonly unit: string;
  /** Key prefixes whose series have a unit of their own. */
  readonly unitOverrides: readonly { readonly keyPrefix: string; readonly unit: string }[];
  readonly description: string;
  /** IANA zone of the business day and of the publication calendar. */
  readonly zone: string;
  /** Ascending, never empty; the first is `null`. */
  readonly steps: readonly DatedStep[];
  /**
   * Nobody knows the step for certain: `steps` is what we expect, rows on any quarter of an hour are
   * taken, and an answer in the other step is drift.
   */
  readonly stepIsAssumed: boolean;
  readonly publication: PublicationCalendar;
  readonly firstBusinessDay: BusinessDay;
  /** What a key looks like. A key that does not is drift, yet still a series. */
  readonly keyPattern: RegExp;
  /** Row members that are neither series nor drift, besides id, dateTimeUtc and lastModifiedOn. */
  readonly otherFields: readonly string[];
  /** How certain the facts above are. */
  readonly origins: {
    readonly steps: FactOrigin;
    readonly publication: FactOrigin;
    readonly firstBusinessDay: FactOrigin;
    readonly unit: FactOrigin;
  };
  /** Rises whenever an answer could now be read as something else. */
  readonly contractVersion: string;
}

/** The unit of one series of a dataset. */
export function unitOfKey(contract: DatasetContract, key: string): string {
  const override = contract.unitOverrides.find(({ keyPrefix }) => key.startsWith(keyPrefix));
  return override?.unit ?? contract.unit;
}
